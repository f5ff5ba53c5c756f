import Guilds
import Scheduler
import Web
import Wire

extension WebAPI {
    func registerGames(on members: inout RouteGroup) {
        members.get(
            "/games",
            atOnce: { request in
                guard let filter = try? GameFilter(request) else { return nil }
                return games.rememberedJSON(of: filter, for: request.user, seen: request.seen).map(Response.json)
            }
        ) { request in
            .json(try await games.json(of: try GameFilter(request), for: request.user, seen: request.seen))
        }
        members.post(
            "/games",
            changing { request, command in
                let body: GameBody = try request.decode()
                let game = try await games.create(body.form, by: request.user, command: command)
                return .json(writing: game, status: 201)
            })
        members.get(
            "/games/:id",
            atOnce: { request in
                guard let id = try? gameID(request) else { return nil }
                return games.rememberedJSON(of: id, for: request.user, seen: request.seen).map(Response.json)
            }
        ) { request in
            .json(try await games.json(of: try gameID(request), for: request.user, seen: request.seen))
        }
        members.put(
            "/games/:id",
            changing { request, command in
                let body: GameBody = try request.decode()
                return .json(
                    writing: try await games.edit(try gameID(request), body.form, by: request.user, command: command))
            })
        members.delete(
            "/games/:id",
            changing { request, command in
                try await games.cancel(try gameID(request), by: request.user, command: command)
                return .noContent
            })
        members.post(
            "/games/:id/join",
            changing { request, command in
                let signUp = try await games.join(try gameID(request), by: request.user, command: command)
                return .json(writing: signUp.participant)
            })
        members.post(
            "/games/:id/leave",
            changing { request, command in
                try await games.leave(try gameID(request), by: request.user, command: command)
                return .noContent
            })
    }

    private func gameID(_ request: Request) throws -> GameID {
        guard let id = GameID(try request.parameter("id")) else { throw SchedulerError.gameNotFound }
        return id
    }

    /// What every change has in common: it counts against the user's allowance, and can be repeated under a key, which is
    /// echoed whatever the outcome.
    private func changing(_ handler: @escaping @Sendable (Request, Command?) async throws -> Response) -> Handler {
        { request in
            try await Self.limit(request, writes)
            let command = try request.command()
            var response: Response
            do {
                response = try await handler(request, command)
            } catch {
                guard let refusal = HTTPError(for: error) else { throw error }
                response = .error(refusal)
            }
            response.headers[Request.idempotencyKey] = command?.key
            return response
        }
    }
}
