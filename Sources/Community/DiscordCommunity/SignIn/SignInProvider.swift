package import Core
package import Guilds

/// Who vouches for a person's identity: Discord by `DiscordSignIn`, or a stand-in in tests.
///
/// Errors: methods throw `SignInRefused` when Discord doesn't accept the code or the tokens, and any other error when
/// Discord can't be asked just now.
package protocol SignInProvider: Sendable {
    /// Where to send the browser so that its user may consent.
    ///
    /// - Parameters:
    ///   - state: comes back with the code, unchanged.
    ///   - verifier: without it the code is worth nothing. 43 to 128 letters, digits and `-._~`.
    func authorizationURL(state: String, verifier: Secret) -> String
    /// Exchanges the code that the browser brought back for tokens, with the verifier of the address that it was sent to.
    func exchange(code: String, verifier: Secret) async throws -> DiscordTokens
    /// Exchanges tokens for new ones. The old refresh token is used up.
    func refresh(_ tokens: DiscordTokens) async throws -> DiscordTokens
    /// Returns the account that the tokens belong to.
    func account(_ tokens: DiscordTokens) async throws -> Guilds.User
    /// Returns every guild that the account is in.
    func memberships(_ tokens: DiscordTokens) async throws -> [ReportedMembership]
    /// Revokes all tokens of the account.
    func revoke(_ tokens: DiscordTokens) async throws
}

/// Discord doesn't accept the code or the tokens that were presented, and won't if they are presented again.
package struct SignInRefused: CodedError {
    package let code = "sign_in_refused"
    package let message = "Discord doesn't accept this sign-in any more. Sign in again."

    package init() {}
}

/// Discord could not be asked about a sign-in: it can't be reached, is overloaded or has failed.
package struct DiscordUnavailable: CodedError {
    /// For the log.
    package let cause: any Error

    package var code: String { "discord_unavailable" }
    package var message: String { "Discord can't be reached just now. Try again in a moment." }
    package var isTemporary: Bool { true }
    package var description: String { "\(code): \(cause)" }
}
