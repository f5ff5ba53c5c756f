/// Decides who may see which topic. A domain implements it; this target only asks.
package protocol TopicPolicy: Sendable {
    /// Returns the part of `interest` that `principal` may see now.
    /// - Throws: any error that keeps it from answering. Open streams then stay open and receive nothing until the policy
    ///   answers again.
    func access(of principal: Principal, to interest: Interest) async throws -> Access
}
