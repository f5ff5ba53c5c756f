package import Store

/// Decides who may see which topic, and what of it. A domain implements it; this target only asks.
package protocol TopicPolicy: Sendable {
    /// Returns the part of `interest` that `principal` may see now.
    /// - Throws: any error that keeps it from answering. Open streams then stay open and receive nothing until the policy
    ///   answers again.
    func access(of principal: Principal, to interest: Interest) async throws -> Access

    /// For whom an event is that isn't for everybody who sees its topic. Asked once for each event of the process.
    func audience(of event: Event) -> Audience?
}

extension TopicPolicy {
    package func audience(of event: Event) -> Audience? { nil }
}
