import Core
import EventLoop
import Store

/// `tandem doctor`: checks the configuration and every server that it names, and says what to fix.
struct DoctorCommand {
    let configuration: Configuration

    func run() async -> ExitCode {
        var findings = checkSettings() + checkPages()
        if configuration.servers.database == nil { findings += await checkData() }
        findings += await checkServers()
        findings.append(await checkPort())
        if configuration.missingForServe.isEmpty { findings += await DiscordCheckUp(configuration).findings() }
        for finding in findings { print(finding.text) }
        let broken = findings.count(where: \.isBroken)
        print(broken == 0 ? "\nAll is well." : "\n\(broken) to fix.")
        return broken == 0 ? .success : .unhealthy
    }

    private func checkSettings() -> [Finding] {
        var findings = configuration.missingForServe.map { Finding.broken("settings", "incomplete", do: $0) }
        if findings.isEmpty { findings.append(.good("settings", "complete for the roles \(configuration.roleNames)")) }
        if configuration.publicURL.hasPrefix("http://"), configuration.http.publicURL != nil,
            !configuration.loopbackNames.contains(where: { $0.contains("127.0.0.1") || $0.contains("localhost") })
        {
            findings.append(
                .weak(
                    "public address", "\(configuration.publicURL) isn't encrypted",
                    do: "put a reverse proxy with TLS in front and set TANDEM_PUBLIC_URL to its https address"))
        }
        if let warning = configuration.proxyWarning {
            findings.append(.broken("proxy", "isn't trusted", do: warning))
        }
        if configuration.publishSecret.revealed.isEmpty {
            findings.append(.good("publishing", "off, for TANDEM_PUBLISH_SECRET isn't set"))
        }
        return findings
    }

    private func checkPages() -> [Finding] {
        guard configuration.roles.contains(.api) else { return [] }
        do {
            return [.good("web pages", try WebPages.find(configuration.http.webFolder).origin)]
        } catch {
            return [.broken("web pages", "not found", do: error.message)]
        }
    }

    private func checkData() async -> [Finding] {
        do {
            let folder = try DataFolder(configuration.dataFolder)
            let database = try await SQLiteDatabase.open(SQLiteConfiguration(path: folder.databasePath))
            let letters = await DeadLettersCheckUp(database).findings()
            await database.close()
            return [.good("database", folder.databasePath)] + letters
        } catch let error as StoreError where error.kind == .busy {
            return [.good("database", "in use by a running server")]
        } catch let error as any CodedError {
            return [.broken("database", error.code, do: error.message)]
        } catch {
            return [.broken("database", "can't be opened", do: "\(error)")]
        }
    }

    private func checkServers() async -> [Finding] {
        let group = EventLoopGroup(count: 1)
        let findings = await ServersCheckUp(configuration: configuration, group: group).findings()
        await group.shutdown()
        return findings
    }

    private func checkPort() async -> Finding {
        let address = "\(configuration.http.host):\(configuration.http.port)"
        let group = EventLoopGroup(count: 1)
        let finding: Finding
        do {
            let listener = try await Listener.bind(
                host: configuration.http.host, port: configuration.http.port, group: group
            ) { $0.abort() }
            await listener.close()
            finding = .good("port", "\(address) is free")
        } catch {
            finding = .weak(
                "port", "\(address) is taken", do: "fine if Tandem runs there already; otherwise set TANDEM_PORT")
        }
        await group.shutdown()
        return finding
    }
}
