/// What the gateway hands to its handler, one at a time.
package enum GatewayDelivery: Hashable, Sendable {
    /// Guilds that became available, one after the other in Discord's order; many when a session starts.
    case guilds([GuildCreate])
    /// Any other event.
    case event(GatewayEvent)
    /// Discord acknowledged a heartbeat: everything up to here was received.
    case acknowledged
}
