import Core
package import Guilds
import Store

/// What one user has planned and signed up for.
package struct PersonalGames: Sendable {
    /// With everybody who signed up for them.
    package let hosted: [Game]
    package let signups: [(game: GameID, title: String, joinedAt: Int64)]
}

extension GameService {
    /// Everything about `user` in games, whatever they may see now.
    package func personalData(of user: UserID) async throws -> PersonalGames {
        try await database.read { reading in
            let own: [Value] = [.integer(user.number)]
            let rows = try await reading.query(
                GameRecords.select + " WHERE g.host_id = $1 ORDER BY g.scheduled_at, g.id", own)
            let signups = try await reading.query(
                """
                SELECT p.game_id AS game_id, g.title AS title, p.joined_at AS joined_at
                FROM participants p JOIN games g ON g.id = p.game_id WHERE p.user_id = $1 ORDER BY p.joined_at, p.game_id
                """, own)
            return PersonalGames(
                hosted: try await GameRecords(reading).games(rows),
                signups: try signups.map { row in
                    (GameID(known: try row["game_id"]), try row["title"], try row["joined_at"])
                })
        }
    }

    /// Deletes what `user` has left in games: their seats and places in line, their name and words in the games that they
    /// hosted, of which the open ones are called off, and the results of their commands. Others keep their seats. May be
    /// repeated, as after a failure half-way.
    package func forget(_ user: UserID) async throws {
        let ids = try await database.read { reading in
            try await reading.query(
                "SELECT game_id AS id FROM participants WHERE user_id = $1 UNION SELECT id FROM games WHERE host_id = $1",
                [.integer(user.number)]
            ).map { GameID(known: try $0["id"]) }
        }
        for id in ids {
            try await database.transaction(locking: [.exclusive("game", id)]) { transaction in
                try await GameChanges(transaction, now: time.milliseconds).forget(user, in: id)
            }
        }
        try await database.transaction(locking: []) { transaction in
            _ = try await transaction.execute("DELETE FROM commands WHERE user_id = $1", [.integer(user.number)])
        }
        deadlinesChanged.ring()
    }
}

extension GameChanges {
    /// The host of games whose own host has had their data deleted. No account of Discord's has so low a number.
    private static let nobody = UserID(1)
    private static let removedTitle = "Game of a former host"

    fileprivate func forget(_ user: UserID, in id: GameID) async throws {
        guard let game = try await GameRecords(transaction).game(id) else { return }
        try await transaction.execute(
            "DELETE FROM participants WHERE game_id = $1 AND user_id = $2",
            [.text(id.description), .integer(user.number)])
        let isHost = game.host.id == user
        let isCalledOff = isHost && (game.status == .scheduled || game.status == .inProgress)
        if isHost {
            try await transaction.execute(
                """
                UPDATE games SET host_id = $1, title = $2, description = '', place = '', status = $3,
                    version = version + 1, details_version = version + 1
                WHERE id = $4
                """,
                [
                    .integer(Self.nobody.number), .text(Self.removedTitle),
                    .text((isCalledOff ? Game.Status.cancelled : game.status).rawValue), .text(id.description),
                ])
        } else {
            try await transaction.execute(
                "UPDATE games SET version = version + 1 WHERE id = $1", [.text(id.description)])
        }
        try await append(isCalledOff ? .cancelled : .updated, game, nil)
    }
}
