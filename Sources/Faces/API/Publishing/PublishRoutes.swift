import Core
import Guilds
import Store
import Web

extension WebAPI {
    func registerPublishing(on router: inout RouterBuilder) {
        guard !configuration.publishSecret.revealed.isEmpty else { return }
        let proof = PublishSignature(secret: configuration.publishSecret, time: time)
        router.group("/internal/v1", [BodyLimit.middleware(configuration.bodyLimit), Validation.middleware]) { group in
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
        let event = try await UsedSignatures.using(signature, until: expiry, now: now, database) { transaction in
            try await transaction.append(draft)
        }
        guard let event else { throw PublishSignature.refusal }
        let number = event.number.map { "\($0)" } ?? "null"
        return .bytes(Array(#"{"number":\#(number)}"#.utf8), type: "application/json", status: 202)
    }
}
