package import Fanout
package import Store
package import Web
import Wire

/// Publishing without a signature and streams without a session, for measuring delivery and nothing else.
package struct BenchRoutes: Sendable {
    let eventLog: any EventLog
    let hub: Hub

    package init(eventLog: any EventLog, hub: Hub) {
        self.eventLog = eventLog
        self.hub = hub
    }

    /// Adds the routes.
    package func register(on router: inout RouterBuilder) {
        router.post("/internal/v1/events") { [eventLog] request in
            let number = try await eventLog.append(try PublishedEvent(request).draft)
            return .bytes(Array(#"{"number":\#(number)}"#.utf8), type: "application/json", status: 202)
        }
        router.get("/bench/stream") { [hub] request in
            let topics = try request.query.all("topic")
            let admission = try await hub.admit(
                Principal(id: ""), to: .topics(topics), resumingAt: request.headers["last-event-id"])
            return hub.open(admission, for: request)
        }
    }
}

/// Lets everybody see everything, forever: for measuring only.
package struct OpenPolicy: TopicPolicy {
    package init() {}

    package func access(of principal: Principal, to interest: Interest) async -> Access {
        switch interest {
        case .topics(let topics): Access(topics: topics, validity: .seconds(Int64.max / 1_000_000))
        case .following: Access(topics: [], validity: .zero)
        }
    }
}
