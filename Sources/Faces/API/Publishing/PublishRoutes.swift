import Core
import Scheduler
import Web
import Wire

extension WebAPI {
    func registerPublishing(on router: inout RouterBuilder) {
        guard !configuration.publishSecret.revealed.isEmpty else { return }
        let proof = PublishSignature(secret: configuration.publishSecret, time: time)
        router.group("/internal/v1", [Validation.middleware], bodyLimit: configuration.bodyLimit) { group in
            group.post("/events") { try await publish($0, proof) }
        }
    }

    private func publish(_ request: Request, _ proof: PublishSignature) async throws -> Response {
        // A body is not parsed before its sender is known.
        let signature = try proof.verify(request)
        let command = try request.command()
        let publication = try PublishRequest(request)
        let numbers = try await Publications(database: database, time: time).append(
            publication.drafts, signature: signature, command: command
        ).map { number in number.map { "\($0)" } ?? "null" }
        let body =
            publication.isBatch ? #"{"numbers":[\#(numbers.joined(separator: ","))]}"# : #"{"number":\#(numbers[0])}"#
        var response = Response.bytes(Array(body.utf8), type: "application/json", status: 202)
        response.headers[Request.idempotencyKey] = command?.key
        return response
    }
}
