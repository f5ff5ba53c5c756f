import Core
package import Wire

/// How requests get the identifier under which they are found in the log.
package enum RequestIdentifier {
    package static let header = "x-request-id"

    /// Returns the client's (or proxy's) own identifier for the request when it is harmless, otherwise a new one.
    package static func choose(from headers: Headers) -> String {
        if let given = headers[header], isAcceptable(given) { return given }
        return Identifier.random()
    }

    private static func isAcceptable(_ text: String) -> Bool {
        (8...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
