import Core
import Guilds
import Store
import Web

extension WebAPI {
    func registerPublishing(on router: inout RouterBuilder) {
        guard !configuration.publishSecret.revealed.isEmpty else { return }
        let proof = PublishSignature(secret: configuration.publishSecret, time: time)
        router.group("/internal/v1", [BodyLimit.middleware(configuration.bodyLimit), Uncached.middleware]) { group in
            group.post("/events") { try await publish($0, proof) }
        }
    }

    private func publish(_ request: Request, _ proof: PublishSignature) async throws -> Response {
        // A body is not parsed before its sender is known.
        let (signature, expiry) = try proof.verify(request)
        let draft = try PublishedEvent(request).draft
        guard !AccessChange.reserves(kind: draft.kind) else {
            throw HTTPError(
                422, "invalid_kind",
                "Kinds that begin with \(draft.kind.prefix { $0 != "." }). are reserved for the server.")
        }
        let now = time.milliseconds
        // Either the signature is used up and the event appended, or neither.
        let number = try await database.transaction { transaction in
            guard try await UsedSignatures.use(signature, until: expiry, now: now, transaction) else {
                throw PublishSignature.refusal
            }
            return try await transaction.append(draft)
        }
        return try .json(["number": number], status: 202)
    }
}
