import Core
import Guilds
package import Store
import Web

extension WebAPI {
    func registerPublishing(on router: inout RouterBuilder) {
        guard !configuration.publishSecret.revealed.isEmpty else { return }
        let proof = PublishSignature(secret: configuration.publishSecret, clock: clock)
        router.group("/internal/v1", [BodyLimit.middleware(configuration.bodyLimit), Answers.uncached]) { group in
            group.post("/events") { try await publish($0, proof) }
        }
    }

    private func publish(_ request: Request, _ proof: PublishSignature) async throws -> Response {
        // Nothing of a body is looked at before it is known who sent it.
        let (signature, expiry) = try proof.verify(request)
        let draft = try PublishedEvent(request).draft
        guard !AccessChange.reserves(kind: draft.kind) else {
            throw HTTPError(
                422, "invalid_kind",
                "Kinds that begin with \(draft.kind.prefix { $0 != "." }). are the server's own.")
        }
        let now = clock.milliseconds
        // The signature is used up and the event appended together: either both or neither.
        let number = try await database.transaction { transaction in
            guard try await UsedSignatures.use(signature, until: expiry, now: now, transaction) else {
                throw PublishSignature.refusal
            }
            return try await transaction.append(draft)
        }
        return try .json(["number": number], status: 202)
    }
}

/// Signatures that can't be used again, for as long as they could be.
package enum UsedSignatures {
    package static let migrations = MigrationSet(
        owner: "api",
        [
            Migration(
                1, "used signatures",
                [
                    "CREATE TABLE used_signatures (signature TEXT PRIMARY KEY, expires_at BIGINT NOT NULL)",
                    "CREATE INDEX used_signatures_by_expiry ON used_signatures (expires_at)",
                ])
        ])

    static func use(
        _ signature: String, until expiry: Int64, now: Int64, _ transaction: any Transaction
    ) async throws -> Bool {
        try await transaction.execute("DELETE FROM used_signatures WHERE expires_at <= $1", [.integer(now)])
        return try await transaction.execute(
            "INSERT INTO used_signatures (signature, expires_at) VALUES ($1, $2) ON CONFLICT (signature) DO NOTHING",
            [.text(signature), .integer(expiry)]) > 0
    }
}
