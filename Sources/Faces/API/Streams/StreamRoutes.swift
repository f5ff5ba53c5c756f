import Fanout
import Guilds
import Web
import Wire

extension WebAPI {
    /// How many topics a request for a stream can name.
    private static let topicLimit = 50

    func registerStreams(on members: inout RouteGroup) {
        guard let hub else { return }
        members.get("/sse/game-updates") { request in
            try await open(Self.everything(of: request), request, hub)
        }
        members.get("/stream") { request in
            let query = try request.query
            guard query["topics"] != nil else {
                return try await open(Self.everything(of: request), request, hub)
            }
            let topics = query.all("topics").flatMap { $0.split(separator: ",").map(String.init) }
            guard (1...Self.topicLimit).contains(topics.count), topics.allSatisfy(TopicName.isValid) else {
                throw HTTPError(
                    422, "invalid_topics",
                    "Name 1 to \(Self.topicLimit) topics, as in ?topics=guild/123,guild/456, or leave them out to follow all of yours."
                )
            }
            return try await open(.topics(topics), request, hub)
        }
    }

    /// The user's guilds, which change with their memberships, and their own topic, for everything else that concerns them.
    private static func everything(of request: Request) -> Interest {
        .following(["guild/", CommunityTopic.name(of: request.user)])
    }

    /// Opens a stream. It resumes after the cursor that browsers send by themselves, or the one in the query.
    ///
    /// - Throws: `HTTPError` 401 `not_signed_in` when the session has just ended; 429 `too_many_requests` and `too_many_streams` and
    ///   503 `too_many_new_streams`, all with `Retry-After`; 404 `topic_not_found` when the user may see none of the topics; 400
    ///   `malformed_query`; what the policy throws.
    private func open(_ interest: Interest, _ request: Request, _ hub: Hub) async throws -> Response {
        let query = try request.query
        try await Self.limit(request, streams)
        let principal = Principal(id: CommunityTopic.name(of: request.user), session: request.session.id)
        let cursor = request.headers["last-event-id"] ?? query["cursor"]
        let admission = try await hub.counting {
            let admission = try await hub.admit(principal, to: interest, resumingAt: cursor) { events in
                replays.take(principal.id, Int(clamping: events)) == nil
            }
            guard !admission.isSignedOut else { throw Self.notSignedIn }
            guard !admission.topics.isEmpty else {
                throw HTTPError(404, "topic_not_found", "You may not see any of these topics, or they don't exist.")
            }
            return admission
        }
        return hub.open(admission, for: request)
    }
}
