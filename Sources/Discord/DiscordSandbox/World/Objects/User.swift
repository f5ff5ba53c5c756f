/// A person, or an application's bot.
package struct User: Sendable, Equatable {
    package let id: UInt64
    package var username: String
    package var globalName: String?
    package var isBot = false
}
