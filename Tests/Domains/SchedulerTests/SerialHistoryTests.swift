import Core
import EventLoop
import Foundation
import Guilds
import Scheduler
import Store
import Testing
import TestSupport

/// Many people change many games at once through several processes: afterwards each game must look as if its changes had been
/// made one after the other, in the order of its versions.
struct SerialHistoryTests {
    private static let loops = EventLoopGroup(count: 2)
    private static let games = 50
    private static let people = 100
    private static let changes = 2000

    private enum Outcome {
        case joined(SignUp)
        case left
        case edited(Game)
        /// Somebody else had edited the game since the editor read it.
        case refused
    }

    private struct Done {
        let user: UserID
        let outcome: Outcome
    }

    private struct Cause: Decodable {
        let command_id: String?
        let game_id: String
        let version: Int64
    }

    @Test func `two thousand changes of fifty games from three processes leave each game a serial history`()
        async throws
    {
        let url = try await PostgresServer.shared.url()
        var databases: [PostgresDatabase] = []
        for _ in 0..<3 {
            databases.append(
                try await PostgresDatabase.open(PostgresConfiguration(url: Secret(url)), group: Self.loops))
        }
        let tavern = try await Tavern(crowd: Self.people, on: databases[0])
        let services = databases.map { tavern.games(on: $0) }
        var games: [Game] = []
        for index in 0..<Self.games { games.append(try await tavern.create("Game \(index)", seats: 1 + index % 9)) }
        _ = try await tavern.events()
        let done = try await withThrowingTaskGroup(of: [String: Done].self) { [games] group in
            for person in 0..<Self.people {
                group.addTask {
                    var done: [String: Done] = [:]
                    for step in 0..<Self.changes / Self.people {
                        let key = "\(person)-\(step)"
                        done[key] = try await change(
                            games.randomElement()!.id, by: person, key, services.randomElement()!)
                    }
                    return done
                }
            }
            return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        }
        let events = try await tavern.events().filter { $0.kind == "game.updated" }
        let causes = try events.map { try JSONDecoder().decode(Cause.self, from: Data($0.payload.utf8)) }
        for game in games {
            let end = try await services[0].game(game.id, for: Tavern.host)
            try replay(game, to: end, causes.filter { $0.game_id == game.id.description }, done)
        }
        // What had no event had no effect either.
        let effects = Set(causes.compactMap(\.command_id))
        for (key, done) in done where !effects.contains(key) {
            if case .edited = done.outcome { Issue.record("\(key) edited a game without an event") }
        }
        for database in databases { await database.close() }
    }

    private func change(
        _ game: GameID, by person: Int, _ key: String, _ service: GameService
    ) async throws -> Done {
        let user = Tavern.person(person)
        guard let command = Command(key: key, fingerprint: key) else { preconditionFailure("a key's form") }
        switch Int.random(in: 0..<10) {
        case 0..<5: return Done(user: user, outcome: .joined(try await service.join(game, by: user, command: command)))
        case 5..<8:
            try await service.leave(game, by: user, command: command)
            return Done(user: user, outcome: .left)
        default:
            let seen = try await service.game(game, for: Tavern.host)
            let form = GameForm(maxPlayers: seen.maxPlayers % 9 + 1, version: seen.version)
            do {
                let edited = try await service.edit(game, form, by: Tavern.host, command: command)
                return Done(user: Tavern.host, outcome: .edited(edited))
            } catch SchedulerError.versionConflict {
                return Done(user: Tavern.host, outcome: .refused)
            }
        }
    }

    /// Makes the changes again, one after the other in the order of their events, and compares what each was answered.
    private func replay(_ start: Game, to end: Game, _ causes: [Cause], _ done: [String: Done]) throws {
        #expect(causes.map(\.version) == causes.indices.map { start.version + 1 + Int64($0) }, "\(start.title)")
        var line: [UserID] = []
        var seats = start.maxPlayers
        for cause in causes {
            let change = try #require(cause.command_id.flatMap { done[$0] })
            switch change.outcome {
            case .joined(let signUp):
                #expect(!line.contains(change.user) && signUp.participant.userID == change.user)
                let waits = line.count >= seats
                #expect(signUp.participant.state == (waits ? .waiting : .confirmed))
                #expect(signUp.waitingPosition == (waits ? line.count - seats + 1 : nil))
                line.append(change.user)
            case .left:
                let place = try #require(line.firstIndex(of: change.user))
                line.remove(at: place)
            case .edited(let game):
                #expect(game.version == cause.version && game.participants.map(\.userID) == line)
                seats = game.maxPlayers
            case .refused: Issue.record("a refused edit has an event")
            }
        }
        #expect(end.participants.map(\.userID) == line && end.maxPlayers == seats)
        #expect(end.version == start.version + Int64(causes.count))
    }
}
