import Guilds
import Store

/// What signing up for a game and leaving it depend on, for one user: less to read than the game with everybody's names.
struct Seating: GameIdentity {
    let id: GameID
    let guildID: GuildID
    let channelID: ChannelID
    let hostID: UserID
    let version: Int64
    let status: Game.Status
    let maxPlayers: Int
    /// How many have signed up.
    let participants: Int
    /// That of the next who signs up: seats are given in this order.
    let nextPlace: Int64
    /// When the user signed up, and how many others had before; `nil` for a user who hasn't.
    let own: (joinedAt: Int64, ahead: Int)?

    private static let columns = """
        g.guild_id AS game_guild_id, g.channel_id AS game_channel_id, g.host_id AS host_id, g.version AS version, g.status AS status,
        g.max_players AS max_players, g.next_place AS next_place, own.joined_at AS joined_at,
        (SELECT COUNT(*) FROM participants p WHERE p.game_id = g.id) AS participants,
        CASE WHEN own.place IS NULL THEN 0
            ELSE (SELECT COUNT(*) FROM participants p WHERE p.game_id = g.id AND p.place < own.place) END AS ahead
        """

    /// Also the game's channel, if the gateway has reported it. Errors: what the database throws.
    static func of(_ user: UserID, in game: GameID) -> Lookup<(Seating?, Channel?)> {
        let statement = Statement(
            """
            SELECT \(columns), \(GuildRecords.channelColumns(of: "c"))
            FROM games g LEFT JOIN participants own ON own.game_id = g.id AND own.user_id = $1
                LEFT JOIN channels c ON c.id = g.channel_id
            WHERE g.id = $2
            """, [.integer(user.number), .text(game.description)])
        return Lookup([statement]) { results in
            guard let row = results[0].first else { return (nil, nil) }
            let hasChannel = try row["id", as: Int64?.self] != nil
            return (try Seating(game, row), hasChannel ? try GuildRecords.channel(row) : nil)
        }
    }

    private init(_ id: GameID, _ row: Row) throws {
        self.id = id
        guildID = GuildID(try row["game_guild_id", as: Int64.self])
        channelID = ChannelID(try row["game_channel_id", as: Int64.self])
        hostID = UserID(try row["host_id", as: Int64.self])
        version = try row["version"]
        status = try Game.Status(stored: row["status"])
        maxPlayers = try row["max_players"]
        participants = try row["participants"]
        nextPlace = try row["next_place"]
        let ahead = try row["ahead", as: Int.self]
        own = try row["joined_at", as: Int64?.self].map { ($0, ahead) }
    }

    /// The sign-up of `user`, behind so many others.
    func signUp(of user: UserID, named name: String, at joinedAt: Int64, behind ahead: Int) -> SignUp {
        let isConfirmed = ahead < maxPlayers
        return SignUp(
            participant: Participant(
                userID: user, displayName: name, joinedAt: joinedAt, state: isConfirmed ? .confirmed : .waiting),
            waitingPosition: isConfirmed ? nil : ahead - maxPlayers + 1)
    }
}
