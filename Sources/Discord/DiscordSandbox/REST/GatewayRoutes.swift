/// The gateway's address.
enum GatewayRoutes {
    static let all: [Route] = [
        Route("GET", "/gateway", .open, limit: nil) { _, call in
            .ok(["url": .string("ws://\(call.host)")])
        },
        Route("GET", "/gateway/bot", limit: 2, per: .seconds(5)) { state, call in
            .ok([
                "url": .string("ws://\(call.host)"), "shards": 1,
                "session_start_limit": [
                    "total": 1000, "remaining": .int(state.sessions.remainingStarts(call.bot)),
                    "reset_after": 14_400_000, "max_concurrency": .int(state.sessions.concurrency),
                ],
            ])
        },
    ]
}
