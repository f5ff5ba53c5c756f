import Core
import CPostgres
import EventLoop

/// Where a server is and as which user to connect, as libpq's options by keyword. Its description never shows the password.
struct PostgresAddress: Sendable, CustomStringConvertible {
    private var options: [String: String]

    /// - Throws: `.unavailable` when the address makes no sense; the message doesn't repeat it, it may hold a password.
    init(_ configuration: PostgresConfiguration) throws {
        let url = configuration.url.revealed
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://"),
            let list = unsafe PQconninfoParse(url, nil)
        else {
            throw StoreError(
                .unavailable,
                "The database's address is not a valid postgres:// URL, such as postgres://user:password@host:5432/name."
            )
        }
        defer { unsafe PQconninfoFree(list) }
        options = [
            "fallback_application_name": configuration.applicationName, "client_encoding": "UTF8",
            // Of several servers the one that takes changes: one that follows it may lag.
            "target_session_attrs": "read-write",
            // Asking a Kerberos server blocks: only an address that says so enables it.
            "gssencmode": "disable",
            // A server that's cut off is given up within some ten seconds.
            "keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3", "tcp_user_timeout": "10000",
        ]
        var option = unsafe list
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                options[unsafe String(cString: keyword)] = unsafe String(cString: value)
            }
            unsafe option += 1
        }
    }

    var description: String {
        let host = options["host"] ?? options["hostaddr"] ?? "local socket"
        return
            "\(options["user"].map { $0 + "@" } ?? "")\(host):\(options["port"] ?? "5432")/\(options["dbname"] ?? "")"
    }

    /// Looks up the hosts' numeric addresses, which libpq would do too, but blocking. To be called on the loop.
    func resolve(on loop: EventLoop, done: @escaping (Result<PostgresAddress, NetworkError>) -> Void) {
        guard options["hostaddr"] == nil, let host = options["host"], !host.isEmpty else { return done(.success(self)) }
        let hosts = host.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let ports = (options["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        // libpq itself says what's wrong with lists of different lengths, and knows what to do with sockets in the file
        // system.
        guard ports.count == hosts.count || ports.count <= 1,
            !hosts.contains(where: { $0.isEmpty || $0.hasPrefix("/") || $0.hasPrefix("@") })
        else { return done(.success(self)) }
        let places = hosts.enumerated().map { index, host in
            (host: host, port: ports.count == hosts.count ? ports[index] : ports.first ?? "")
        }
        Self.resolve(places[...], found: [], last: nil, on: loop) { result in
            done(
                result.map { found in
                    var address = self
                    address.options["host"] = found.map(\.host).joined(separator: ",")
                    address.options["hostaddr"] = found.map(\.address).joined(separator: ",")
                    address.options["port"] = found.map(\.port).joined(separator: ",")
                    return address
                })
        }
    }

    private typealias Place = (host: String, address: String, port: String)

    /// One of several hosts may be unknown.
    private static func resolve(
        _ places: ArraySlice<(host: String, port: String)>, found: [Place], last: NetworkError?, on loop: EventLoop,
        done: @escaping (Result<[Place], NetworkError>) -> Void
    ) {
        guard let place = places.first else {
            if let last, found.isEmpty { return done(.failure(last)) }
            return done(.success(found))
        }
        Resolver.addresses(of: place.host, on: loop) { result in
            var (found, last) = (found, last)
            switch result {
            case .success(let addresses): found += addresses.map { (place.host, $0, place.port) }
            case .failure(let error): last = error
            }
            resolve(places.dropFirst(), found: found, last: last, on: loop, done: done)
        }
    }

    /// Calls `body` with what `PQconnectStartParams` takes.
    func withParameters<R>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> R
    ) -> R {
        var text: [CChar] = []
        var starts: [(keyword: Int, value: Int)] = []
        for (keyword, value) in options.sorted(by: { $0.key < $1.key }) {
            let start = text.count
            text += keyword.utf8CString
            starts.append((start, text.count))
            text += value.utf8CString
        }
        return unsafe text.withUnsafeBufferPointer { text in
            let base = text.baseAddress!
            let keywords: [UnsafePointer<CChar>?] = unsafe starts.map { unsafe base + $0.keyword } + [nil]
            let values: [UnsafePointer<CChar>?] = unsafe starts.map { unsafe base + $0.value } + [nil]
            return unsafe keywords.withUnsafeBufferPointer { keywords in
                unsafe values.withUnsafeBufferPointer { values in
                    unsafe body(keywords.baseAddress!, values.baseAddress!)
                }
            }
        }
    }
}
