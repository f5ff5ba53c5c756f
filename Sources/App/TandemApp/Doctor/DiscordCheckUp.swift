import Core
import Discord

/// Asks Discord whether the token, the intents, the redirect address and the permissions are as Tandem needs them.
struct DiscordCheckUp {
    private let configuration: Configuration
    private let rest: RESTClient

    /// What the bot needs wherever games are posted.
    private static let needed: [(permission: Permissions, name: String)] = [
        (.viewChannel, "View Channel"), (.sendMessages, "Send Messages"), (.embedLinks, "Embed Links"),
        (.readMessageHistory, "Read Message History"),
    ]

    init(_ configuration: Configuration) {
        self.configuration = configuration
        rest = RESTClient(
            RESTClient.Configuration(baseURL: configuration.discord.api, token: configuration.discord.botToken))
    }

    func findings() async -> [Finding] {
        if configuration.discord.botToken.revealed.isEmpty {
            return [.good("Discord", "not asked: this process runs no bot and has no token")]
        }
        do {
            let user = try await rest.currentUser()
            var findings = [Finding.good("bot token", "accepted, the bot is \(user.username)")]
            findings += checkApplication(try await rest.currentApplication())
            findings += checkGuilds(try await rest.currentUserGuilds())
            return findings
        } catch let error as DiscordError where error.status == 401 {
            return [
                .broken(
                    "bot token", "refused by \(configuration.discord.api)",
                    do: "reset the token in the developer portal (Bot) and set TANDEM_DISCORD_BOT_TOKEN to the new one")
            ]
        } catch let error as DiscordError {
            return [
                .broken(
                    "Discord", "\(configuration.discord.api) can't be asked (\(error.code))",
                    do: "check the network and TANDEM_DISCORD_API; if Discord itself is down, wait")
            ]
        } catch {
            return [.broken("Discord", "can't be asked", do: "\(error)")]
        }
    }

    private func checkApplication(_ application: Application) -> [Finding] {
        var findings: [Finding] = []
        if "\(application.id)" != configuration.discord.clientID {
            findings.append(
                .broken(
                    "application", "the token belongs to \(application.id), TANDEM_DISCORD_CLIENT_ID names another",
                    do: "set TANDEM_DISCORD_CLIENT_ID to \(application.id), or use the token of that application"))
        }
        if application.flags.isDisjoint(with: [.gatewayGuildMembers, .gatewayGuildMembersLimited]) {
            findings.append(
                .broken(
                    "intents", "the Server Members Intent is off",
                    do: "switch it on in the developer portal (Bot → Privileged Gateway Intents)"))
        } else {
            findings.append(.good("intents", "Server Members Intent is on"))
        }
        if let redirects = application.redirectURIs, !redirects.contains(configuration.redirectURL) {
            findings.append(
                .broken(
                    "redirect", "\(configuration.redirectURL) isn't registered",
                    do: "add it in the developer portal (OAuth2 → Redirects), to the letter, or set TANDEM_PUBLIC_URL"))
        } else {
            findings.append(.good("redirect", configuration.redirectURL))
        }
        return findings
    }

    private func checkGuilds(_ guilds: [UserGuild]) -> [Finding] {
        guard !guilds.isEmpty else {
            return [
                .weak(
                    "servers", "the bot is in none",
                    do:
                        "invite it: \(configuration.discord.web)/oauth2/authorize?client_id=\(configuration.discord.clientID)"
                        + "&scope=bot+applications.commands&permissions=84992")
            ]
        }
        return guilds.map { guild in
            let missing = Self.needed.filter {
                !guild.permissions.contains(.administrator) && !guild.permissions.contains($0.permission)
            }
            guard !missing.isEmpty else { return .good("server \(guild.name)", "the bot has what it needs") }
            return .weak(
                "server \(guild.name)", "the bot lacks \(missing.map(\.name).joined(separator: ", "))",
                do: "grant it to the bot's role, or in the channels where games are to be posted")
        }
    }
}
