import Core
import FoundationEssentials
import Guilds
import Scheduler
import Store
import Synchronization
import Testing
import TestSupport

/// Reads from memory against reads from the database, in several processes.
struct RememberedReadsTests {
    @Test func `written by hand, a game is the same JSON as the encoder's`() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        for seed in 0..<200 {
            let game = try JSONDecoder().decode(Game.self, from: Data(Self.randomGame(seed).utf8))
            #expect(try JSONWriter.bytes(game) == Array(encoder.encode(game)))
            for participant in game.participants {
                #expect(try JSONWriter.bytes(participant) == Array(encoder.encode(participant)))
            }
        }
    }

    @Test func `what is unchanged is read once for everybody, and who may not know of it is refused`() async throws {
        try await Network.run(processes: 1) { network in
            let (tavern, process) = (network.tavern, network.processes[0])
            let open = try await tavern.create("Open")
            let hidden = try await network.create("Hidden", channel: Tavern.den, by: Tavern.insider)
            try await network.deliver()
            for _ in 1...3 {
                for user in Network.people {
                    try await network.expectTruth(process, open.id, user)
                    try await network.expectTruth(process, hidden.id, user)
                    for filter in Network.filters { try await network.expectTruth(process, filter, user) }
                }
            }
            #expect(process.games.rememberedJSON(of: open.id, for: Tavern.player, seen: nil) != nil)
            #expect(process.games.rememberedJSON(of: hidden.id, for: Tavern.player, seen: nil) == nil)
            #expect(process.games.rememberedJSON(of: GameFilter(), for: Tavern.player, seen: nil) != nil)
            #expect(process.count("games", "database") == 2)
            // One for each of those who see differently, and one for each person and role.
            #expect(process.count("lists", "memory") > 2 * process.count("lists", "database"))
        }
    }

    @Test func `one who hosts games in a channel that they no longer see finds them in lists`() async throws {
        try await Network.run(processes: 1) { network in
            let process = network.processes[0]
            let hidden = try await network.create("Hidden", channel: Tavern.den, by: Tavern.insider)
            try await network.deliver()
            for user in Network.people { try await network.expectTruth(process, GameFilter(), user) }
            try await network.tavern.directory.upsert(
                Channel(
                    id: Tavern.den, guildID: Tavern.guild, name: "den",
                    overwrites: [PermissionOverwrite(.role(RoleID(Tavern.guild.number)), deny: .viewChannel)]))
            try await network.deliver()
            for user in Network.people {
                try await network.expectTruth(process, hidden.id, user)
                for filter in Network.filters { try await network.expectTruth(process, filter, user) }
            }
        }
    }

    @Test func `what the gateway vouches for stays remembered while it's alive, and counts no longer when it's silent`()
        async throws
    {
        try await Network.run(processes: 1) { network in
            let (tavern, process) = (network.tavern, network.processes[0])
            let game = try await tavern.create("Open")
            try await network.deliver()
            try await network.expectTruth(process, game.id, Tavern.player)
            let read = { process.count("viewers", "database") + process.count("memberships", "database") }
            let before = read()
            for _ in 1...10 {
                try await tavern.advance(.seconds(100))
                try await eventually("a proof") { process.memory.mayAnswer(nil) }
                try await network.expectTruth(process, game.id, Tavern.player)
                try await network.expectTruth(process, GameFilter(), Tavern.player)
            }
            #expect(read() == before, "nobody's rows were read again")
            tavern.time.advance(by: .seconds(301))
            try await eventually("a proof") { process.memory.mayAnswer(nil) }
            try await network.expectTruth(process, game.id, Tavern.player)
            await #expect(throws: SchedulerError.gameNotFound) {
                try await process.games.json(of: game.id, for: Tavern.player, seen: nil)
            }
        }
    }

    @Test(arguments: 0..<6)
    func `after any change, no process answers a reader who has seen its event with an older state`(_ seed: Int)
        async throws
    {
        try await Network.run(processes: 3) { network in
            var random = SeededGenerator(seed: UInt64(seed) + 1)
            var ids: [GameID] = []
            for _ in 0..<2 { ids.append(try await network.tavern.create("Game").id) }
            try await network.deliver()
            for step in 0..<150 {
                let writer = network.processes.randomElement(using: &random)
                let isCurrent = Bool.random(using: &random)
                if isCurrent { try await network.deliver(to: writer) }
                try await network.change(&ids, by: writer, using: &random)
                // The bus brings the events to some, and leaves others out.
                for process in network.processes where Bool.random(using: &random) {
                    try await network.deliver(to: process)
                }
                let cursor = try await network.cursor()
                for process in network.processes {
                    let user = Network.people.randomElement(using: &random) ?? Tavern.host
                    guard let game = ids.randomElement(using: &random),
                        let filter = Network.filters.randomElement(using: &random)
                    else { continue }
                    try await network.expectTruth(process, game, user, seen: cursor, "step \(step)")
                    try await network.expectTruth(process, filter, user, seen: cursor, "step \(step)")
                    // Who has written reads the own change, also without a cursor.
                    if process === writer, isCurrent {
                        try await network.expectTruth(process, game, user, "step \(step)")
                    }
                }
            }
            #expect(network.processes.allSatisfy { $0.count("games", "memory") > 0 })
        }
    }

    private static func randomGame(_ seed: Int) -> String {
        var random = SeededGenerator(seed: UInt64(seed))
        func text() -> String {
            let scalars = (0..<Int.random(in: 0...12, using: &random)).map { _ -> Unicode.Scalar in
                let ranges: [ClosedRange<UInt32>] = [0...0x7F, 0x20...0x7E, 0x80...0x7FF, 0x10000...0x10FFFF]
                return Unicode.Scalar(UInt32.random(in: ranges.randomElement(using: &random)!, using: &random)) ?? "x"
            }
            let bytes = try? JSONEncoder().encode(String(String.UnicodeScalarView(scalars)))
            return String(decoding: bytes ?? Data(), as: UTF8.self)
        }
        func time() -> String { RFC3339.text(Int64.random(in: 0...4_000_000_000_000, using: &random)) }
        let participants = (0..<Int.random(in: 0...5, using: &random)).map { index in
            #"{"user_id":"\#(index + 1)","display_name":\#(text()),"joined_at":"\#(time())","state":"waiting"}"#
        }
        return """
            {"id":"\(GameID.random())","guild_id":"7","channel_id":"8","message_id":\(Bool.random(using: &random)
                ? "null" : "\"9\""),"title":\(text()),"description":\(text()),"where":\(text()),
             "scheduled_at":"\(time())","duration_minutes":60,"max_players":4,"signup_method":"self_signup",
             "status":"in_progress","host":{"id":"5","name":\(text())},"version":\(seed),
             "participants":[\(participants.joined(separator: ","))]}
            """
    }
}

/// Processes that remember, over one database.
private final class Network: Sendable {
    static let people = [Tavern.host, Tavern.player, Tavern.manager, Tavern.insider, Tavern.stranger]
    static let filters = [
        GameFilter(), GameFilter(guildID: Tavern.guild), GameFilter(guildID: Tavern.hall), GameFilter(role: .host),
        GameFilter(statuses: [.scheduled]), GameFilter(guildID: Tavern.guild, role: .participant),
        GameFilter(channelID: Tavern.den), GameFilter(limit: 1),
    ]

    let tavern: Tavern
    let processes: [RememberingProcess]
    private let log: DatabaseEventLog

    static func run(processes count: Int, _ body: (Network) async throws -> Void) async throws {
        let tavern = try await Tavern()
        let sessions = Sessions(
            database: tavern.database, keyring: Keyring(Secret(String(repeating: "k", count: 32))),
            time: tavern.time.source)
        for user in people { _ = try await sessions.start(for: user, tokens: nil) }
        let log = try await DatabaseEventLog(tavern.database)
        var processes: [RememberingProcess] = []
        for _ in 0..<count { processes.append(try await RememberingProcess(tavern, log)) }
        let network = Network(tavern, processes, log)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for process in processes { tasks.addTask { await process.memory.prove {} } }
            for process in processes { try await eventually("a proof") { process.memory.mayAnswer(nil) } }
            try await body(network)
            tasks.cancelAll()
        }
    }

    private init(_ tavern: Tavern, _ processes: [RememberingProcess], _ log: DatabaseEventLog) {
        self.tavern = tavern
        self.processes = processes
        self.log = log
    }

    func create(_ title: String, channel: ChannelID, by user: UserID) async throws -> Game {
        try await tavern.games.create(tavern.form(title, channel: channel), by: user)
    }

    func cursor() async throws -> Cursor { log.cursor(at: try await log.lastNumber) }

    /// Brings what has happened to every process, or to one.
    func deliver(to process: RememberingProcess? = nil) async throws {
        for process in process.map({ [$0] }) ?? processes { try await process.receive() }
    }

    /// Expects what the database says now.
    func expectTruth(
        _ process: RememberingProcess, _ game: GameID, _ user: UserID, seen cursor: Cursor? = nil,
        _ comment: String = ""
    ) async throws {
        await expectSame("\(user) \(comment)") {
            EncodedJSON(try await tavern.games.game(game, for: user))
        } as: {
            try await process.games.json(of: game, for: user, seen: cursor)
        } atOnce: {
            process.games.rememberedJSON(of: game, for: user, seen: cursor)
        }
    }

    func expectTruth(
        _ process: RememberingProcess, _ filter: GameFilter, _ user: UserID, seen cursor: Cursor? = nil,
        _ comment: String = ""
    ) async throws {
        await expectSame("\(user) \(filter) \(comment)") {
            EncodedJSON(try await tavern.games.games(filter, for: user))
        } as: {
            try await process.games.json(of: filter, for: user, seen: cursor)
        } atOnce: {
            process.games.rememberedJSON(of: filter, for: user, seen: cursor)
        }
    }

    /// What is answered at once, if anything, is the truth before and after it was read, and never an answer to who is refused.
    private func expectSame(
        _ comment: Comment, _ truth: () async throws -> EncodedJSON, as answer: () async throws -> EncodedJSON,
        atOnce: () -> EncodedJSON?
    ) async {
        let truth = await outcome(truth)
        let before = atOnce()
        #expect(await outcome(answer) == truth, comment)
        for json in [before, atOnce()].compactMap(\.self) {
            #expect(String(decoding: json.bytes, as: UTF8.self) == truth, comment)
        }
    }

    private func outcome(_ read: () async throws -> EncodedJSON) async -> String {
        do { return String(decoding: try await read().bytes, as: UTF8.self) } catch { return "\(error)" }
    }

    /// Something happens, in one of the processes or elsewhere. What is refused changes nothing.
    func change(
        _ ids: inout [GameID], by process: RememberingProcess?, using random: inout SeededGenerator
    ) async throws {
        let games = process?.games ?? tavern.games
        let directory = process?.directory ?? tavern.directory
        let user = Self.people.randomElement(using: &random) ?? Tavern.host
        let id = ids.randomElement(using: &random) ?? GameID.random()
        func member(_ roles: Set<RoleID> = [], nickname: String? = nil) -> Member {
            Member(guildID: Tavern.guild, user: User(id: user, username: "u\(user)"), nickname: nickname, roles: roles)
        }
        do {
            switch Int.random(in: 0..<16, using: &random) {
            case 0...4: _ = try await games.join(id, by: user)
            case 5, 6: try await games.leave(id, by: user)
            case 7:
                let version = try await games.game(id, for: user).version
                _ = try await games.edit(
                    id, GameForm(title: "Title \(Int.random(in: 0..<1000, using: &random))", version: version), by: user
                )
            case 8:
                let channel = Bool.random(using: &random) ? Tavern.den : Tavern.lobby
                ids.append(try await games.create(tavern.form("New", channel: channel), by: user).id)
            case 9 where ids.count > 3: try await games.cancel(id, by: user)
            case 10: try await directory.remove(user, from: Tavern.guild)
            case 11: try await directory.upsert(member([RoleID(501)]))
            case 12: try await directory.upsert(member(nickname: "n\(Int.random(in: 0..<5, using: &random))"))
            case 13: try await directory.upsert(User(id: user, username: "v\(Int.random(in: 0..<5, using: &random))"))
            case 14:
                let denied: GuildPermissions = Bool.random(using: &random) ? .viewChannel : []
                let overwrite = PermissionOverwrite(.role(RoleID(Tavern.guild.number)), deny: denied)
                try await directory.upsert(
                    Channel(id: Tavern.lobby, guildID: Tavern.guild, name: "lobby", overwrites: [overwrite]))
            default:
                try await directory.upsert(
                    Role(
                        id: RoleID(501), guildID: Tavern.guild, name: "managers",
                        permissions: Bool.random(using: &random) ? .manageGuild : []))
            }
        } catch is SchedulerError {}
    }
}

/// A process whose memory hears of what happens when the test says so.
private final class RememberingProcess: Sendable {
    let memory: ReadMemory
    let directory: GuildDirectory
    let games: GameService
    private let log: DatabaseEventLog
    private let position: Mutex<Int64>
    private let metrics = Metrics()

    init(_ tavern: Tavern, _ log: DatabaseEventLog) async throws {
        let time = tavern.time.source
        memory = ReadMemory(events: log, time: time, metrics: metrics) {
            CommunitySubject.changed(by: $0) + GameSubject.changed(by: $0)
        }
        let database = WitnessedDatabase(tavern.database, memory: memory)
        let access = AccessMemory(memory)
        directory = GuildDirectory(database: database, memory: access, time: time)
        let policy = AccessPolicy(
            database: database, directory: directory, source: nil, memory: access, time: time)
        games = GameService(database: database, policy: policy, memory: GameMemory(memory), limits: .none, time: time)
        let last = try await log.lastNumber
        self.log = log
        position = Mutex(last)
        memory.begin(at: last)
    }

    func receive() async throws {
        let events = try await log.read(after: position.withLock { $0 }, limit: 10_000)
        if let last = events.last { position.withLock { $0 = last.number } }
        memory.took(events)
    }

    func count(_ table: String, _ source: String) -> Int {
        let name = #"tandem_reads_total{of="\#(table)",from="\#(source)"} "#
        let line = metrics.rendered().split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { Int($0.dropFirst(name.count)) } ?? -1
    }
}
