/// An application, as Discord's developer portal knows it.
package struct Application: Sendable {
    package let id: UInt64
    package var name: String
    package var clientSecret: String?
    /// Redirect addresses for sign-in; `nil`, for applications created from a token, accepts any address on this machine.
    package var redirectURIs: [String]?
    package var botToken: String
    package let ownerID: UInt64
    package var description = ""
    /// Privileged intents that are switched off for it.
    package var disallowedIntents = 0

    package init(
        id: UInt64, name: String, clientSecret: String?, redirectURIs: [String]?, botToken: String, ownerID: UInt64,
        description: String = ""
    ) {
        self.id = id
        self.name = name
        self.clientSecret = clientSecret
        self.redirectURIs = redirectURIs
        self.botToken = botToken
        self.ownerID = ownerID
        self.description = description
    }
}
