import Core
package import Guilds

/// Who says who somebody is. Discord, in one way or another.
package protocol SignInProvider: Sendable {
    /// Where to send the browser so that its person may consent.
    func authorizationAddress(state: String) -> String
    /// Turns what the browser brought back into tokens.
    ///
    /// - Throws: `SignInRefused` when the code is not good, anything else when that can't be found out just now.
    func exchange(code: String) async throws -> DiscordTokens
    /// - Throws: `SignInRefused` when the person has withdrawn their consent.
    func refresh(_ tokens: DiscordTokens) async throws -> DiscordTokens
    /// - Throws: `SignInRefused` when the tokens are no longer good.
    func account(_ tokens: DiscordTokens) async throws -> Guilds.User
    /// - Throws: `SignInRefused` when the tokens are no longer good.
    func memberships(_ tokens: DiscordTokens) async throws -> [ReportedMembership]
    func revoke(_ tokens: DiscordTokens) async throws
}

/// What was presented is not good, and won't be by trying again.
package struct SignInRefused: CodedError {
    package let code = "sign_in_refused"
    package let message = "Discord doesn't accept this sign-in any more. Sign in again."

    package init() {}
}
