import Core
import TandemApp
import Testing

struct ConfigurationTests {
    private func load(_ environment: [String: String] = [:], _ arguments: [String] = []) throws -> Configuration {
        try ConfigurationLoader.load(environment: environment, arguments: arguments)
    }

    @Test func `without any setting the documented defaults hold`() throws {
        let configuration = try load()
        #expect(configuration.http.host == "127.0.0.1")
        #expect(configuration.http.port == 8080)
        #expect(configuration.sandbox.port == 8081)
        #expect(configuration.http.signInsPerAddress == 30)
        #expect(configuration.roles == [.api, .hub, .bot])
        #expect(configuration.discord.api == "https://discord.com/api/v10")
    }

    @Test func `a flag wins over its variable, in both forms`() throws {
        #expect(try load(["TANDEM_PORT": "9000"]).http.port == 9000)
        #expect(try load(["TANDEM_PORT": "9000"], ["--port", "9001"]).http.port == 9001)
        #expect(try load(["TANDEM_PORT": "9000"], ["--port=9002"]).http.port == 9002)
    }

    @Test(arguments: [
        ("127.0.0.1:9100", "127.0.0.1", 9100), ("[::1]:9100", "::1", 9100),
        ("metrics.internal:1", "metrics.internal", 1),
    ])
    func `what is internal may have an address of its own`(_ text: String, _ host: String, _ port: Int) throws {
        let address = try load(["TANDEM_INTERNAL_ADDRESS": text]).http.internalAddress
        #expect(address?.host == host && address?.port == port)
        for wrong in ["9100", ":9100", "::1:9100", "a:0", "a:65536", "a:", "[]:1"] {
            #expect(throws: ConfigurationError.self) { try load(["TANDEM_INTERNAL_ADDRESS": wrong]) }
        }
        #expect(try load().http.internalAddress == nil)
    }

    @Test func `every fault is reported at once`() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try load(
                ["TANDEM_PORT": "http", "TANDEM_ROLES": "api,cook", "TANDEM_PROT": "1"],
                ["--log", "xml", "--colour", "--drain"])
        }
        let text = error?.message ?? ""
        for name in ["TANDEM_PORT", "TANDEM_ROLES", "TANDEM_PROT", "TANDEM_LOG", "--colour", "--drain"] {
            #expect(text.contains(name), "\(name) is missing in: \(text)")
        }
        #expect(error?.faults.count == 6)
    }

    @Test func `a secret is refused on the command line and never shown`() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try load(["TANDEM_SECRET": "too-short-secret"], ["--discord-bot-token", "very-secret-token"])
        }
        #expect(error?.message.contains("very-secret-token") == false)
        #expect(error?.message.contains("too-short-secret") == false)
        let configuration = try load(["TANDEM_DISCORD_BOT_TOKEN": "very-secret-token"])
        #expect(!"\(configuration)".contains("very-secret-token"))
        #expect(configuration.discord.botToken.revealed == "very-secret-token")
    }

    @Test func `an https address without a trusted proxy is complained about where people come`() throws {
        let https = ["TANDEM_PUBLIC_URL": "https://games.example.org"]
        #expect(try load(https).isPublicURLSecure)
        #expect(try load(https).proxyWarning?.contains("TANDEM_TRUSTED_PROXIES") == true)
        #expect(try load(https, ["--trusted-proxies", "127.0.0.1"]).proxyWarning == nil)
        #expect(try load(https, ["--roles", "bot"]).proxyWarning == nil)
        #expect(try load(["TANDEM_PUBLIC_URL": "http://games.example.org"]).proxyWarning == nil)
        #expect(try load().proxyWarning == nil)
    }

    @Test func `the measuring mode stays on loopback`() throws {
        #expect(try load([:], ["--bench"]).isBench)
        #expect(throws: ConfigurationError.self) { try load(["TANDEM_HOST": "0.0.0.0"], ["--bench"]) }
    }

    @Test func `the sandbox stays on loopback unless its own setting says otherwise`() throws {
        #expect(try load().sandboxHost == "127.0.0.1")
        #expect(try load(["TANDEM_HOST": "::1"]).sandboxHost == "::1")
        #expect(try load(["TANDEM_HOST": "0.0.0.0"]).sandboxHost == "127.0.0.1")
        #expect(try load(["TANDEM_HOST": "0.0.0.0", "TANDEM_SANDBOX_HOST": "10.0.0.7"]).sandboxHost == "10.0.0.7")
    }

    @Test(arguments: ["ftp://example.org", "discord.com", "http://"])
    func `an address that isn't one is refused`(_ text: String) throws {
        #expect(throws: ConfigurationError.self) { try load(["TANDEM_DISCORD_API": text]) }
    }

    @Test func `a proxy that is no address is a fault, not passed over`() throws {
        let configuration = try load(["TANDEM_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,fd00::/8"])
        #expect(configuration.http.trustedProxies == ["127.0.0.1", "10.0.0.0/8", "fd00::/8"])
        for text in ["proxy.example.org", "10.0.0.0/33", "127.0.0.1;10.0.0.1"] {
            #expect(throws: ConfigurationError.self) { try load(["TANDEM_TRUSTED_PROXIES": text]) }
        }
    }

    @Test func `servers are named by their addresses, which are never shown`() throws {
        let configuration = try load([
            "TANDEM_DATABASE_URL": "postgres://tandem:pass-word-1@db:5432/tandem",
            "TANDEM_BUS_URL": "amqps://tandem:pass-word-2@mq:5671/main",
            "TANDEM_CACHE_URL": "redis://:pass-word-3@redis/0",
        ])
        #expect(configuration.servers.database?.revealed == "postgres://tandem:pass-word-1@db:5432/tandem")
        #expect(!"\(configuration)".contains("pass-word"))
        let error = #expect(throws: ConfigurationError.self) {
            try load(
                [
                    "TANDEM_DATABASE_URL": "mysql://pass-word@db", "TANDEM_BUS_URL": "kafka://pass-word",
                    "TANDEM_CACHE_URL": "amqp://pass-word",
                ], ["--bus-url", "redis://pass-word@host"])
        }
        #expect(error?.faults.count == 4)
        #expect(error?.message.contains("pass-word") == false)
    }
}
