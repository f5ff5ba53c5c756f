/// The gateway's address.
enum GatewayRoutes {
    static let all: [Route] = [
        Route("GET", "/gateway", .open, limit: nil) { _, call in
            .ok(["url": .string("ws://\(call.host)")])
        },
        Route("GET", "/gateway/bot", limit: 2, per: .seconds(5)) { state, call in
            let limit = state.sessions.starts.limit(of: call.bot, now: state.now)
            // As Discord does, more than are needed: one for each thousand guilds.
            let shards = max(1, (state.world.guildIDs(of: call.bot).count + 999) / 1000)
            return .ok([
                "url": .string("ws://\(call.host)"), "shards": .int(shards),
                "session_start_limit": [
                    "total": .int(limit.total), "remaining": .int(limit.remaining),
                    "reset_after": .integer(limit.resetAfter),
                    "max_concurrency": .int(state.sessions.starts.concurrency),
                ],
            ])
        },
    ]
}
