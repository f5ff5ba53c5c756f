import CLibuv

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How soon the system notices that a connection's other side is gone without a word: its machine has lost power, or the
/// network between the two.
///
/// Left alone it goes on sending for a quarter of an hour, and never notices anything while there is nothing to send. With these
/// limits a connection ends at the latest 45 s after the last sign of life: silence is probed, and what was sent must be
/// acknowledged in time. That also ends a connection whose other side lives but has had no room for a byte all that time.
enum LostPeer {
    /// How long a connection may be silent before it is probed.
    static let idleSeconds: Int32 = 15
    /// The time between two probes.
    static let probeSeconds: Int32 = 5
    /// How many probes may go unanswered. Linux goes by `unacknowledgedSeconds` instead.
    static let probes: Int32 = 3
    /// How long what was sent may go unacknowledged. A heartbeat that is sent just before a probe would have found out begins
    /// this time anew, so that twice this and a little is the worst case.
    static let unacknowledgedSeconds: Int32 = 20

    /// Sets the limits on a socket. Connections inherit them from the socket that accepts them.
    static func watch(_ fd: Int32) {
        tandem_set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1)
        tandem_set_option(fd, Int32(IPPROTO_TCP), tandem_keepalive_idle, idleSeconds)
        tandem_set_option(fd, Int32(IPPROTO_TCP), TCP_KEEPINTVL, probeSeconds)
        tandem_set_option(fd, Int32(IPPROTO_TCP), TCP_KEEPCNT, probes)
        tandem_set_option(
            fd, Int32(IPPROTO_TCP), tandem_lost_after, unacknowledgedSeconds * tandem_lost_after_units)
    }
}
