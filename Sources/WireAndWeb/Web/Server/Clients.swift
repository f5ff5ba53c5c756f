import Synchronization

/// The clients of a server by their addresses, and how many connections each has.
final class Clients: Sendable {
    /// One address (of IPv6, one /64), shared by all its connections.
    final class Client: Sendable {
        let address: String
        init(address: String) { self.address = address }
    }

    private let limit: Int
    private let counts = Mutex<[String: (client: Client, connections: Int)]>([:])

    /// - Parameter limit: the connections of one client; 0: any number.
    init(limit: Int) { self.limit = limit }

    /// Whether clients are counted at all.
    var areCounted: Bool { limit > 0 }

    /// Counts a connection from this address in.
    ///
    /// - Returns: what to leave with; nil when the client has as many as it may have.
    func enter(from address: String) -> Client? {
        let address = IPNetwork.client(at: address)
        return counts.withLock { counts in
            let (client, connections) = counts[address] ?? (Client(address: address), 0)
            guard connections < limit else { return nil }
            counts[address] = (client, connections + 1)
            return client
        }
    }

    /// A connection of the client goes on to count, whatever the limit.
    func stay(_ client: Client) { counts.withLock { $0[client.address, default: (client, 0)].connections += 1 } }

    func leave(_ client: Client) {
        counts.withLock { counts in
            guard let connections = counts[client.address]?.connections else { return }
            if connections > 1 {
                counts[client.address]?.connections = connections - 1
            } else {
                counts[client.address] = nil
            }
        }
    }
}
