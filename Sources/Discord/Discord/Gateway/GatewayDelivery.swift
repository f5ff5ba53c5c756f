/// What the gateway hands to its handler, one at a time.
package enum GatewayDelivery: Hashable, Sendable {
    /// Guilds that became available, one after the other in Discord's order; many when a session starts.
    case guilds([GuildCreate])
    /// Any other event.
    case event(GatewayEvent)
    /// Discord acknowledged a heartbeat, or has sent all that a resumed session missed: it reported everything that had
    /// happened by `at`, in milliseconds since 1970, before this. It may have waited for the handler for long, so `at` says
    /// how old the news is.
    case acknowledged(at: Int64)
}
