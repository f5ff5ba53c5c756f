package import Discord
package import Guilds

extension Identity {
    /// The thing that Discord names by `snowflake`; `nil` for 0 and for what doesn't fit into 63 bits, which Discord never
    /// uses.
    package init?(discord snowflake: Snowflake) {
        guard let number = Int64(exactly: snowflake.rawValue), number > 0 else { return nil }
        self.init(number)
    }
}

extension Snowflake {
    /// The identifier as Discord's API takes it.
    package init<Kind>(_ id: Identity<Kind>) { self.init(rawValue: UInt64(id.number)) }
}
