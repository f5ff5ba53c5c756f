import Wire

/// What a parser made of some bytes: requests with their bodies put together, and the error that ended it.
struct RequestReading: Equatable {
    struct Request: Equatable {
        var head: RequestHead
        var body: [UInt8] = []
        var isComplete = false
    }

    var requests: [Request] = []
    var error: HTTPParseError?
    var bufferedBytes = 0

    init(_ pieces: [[UInt8]], limits: HTTPLimits = HTTPLimits()) {
        var parser = RequestParser(limits: limits)
        do throws(HTTPParseError) {
            for piece in pieces {
                parser.append(piece)
                while let part = try parser.next() {
                    switch part {
                    case .head(let head): requests.append(Request(head: head))
                    case .body(let bytes): requests[requests.count - 1].body += bytes
                    case .end: requests[requests.count - 1].isComplete = true
                    }
                }
            }
        } catch {
            self.error = error
        }
        bufferedBytes = parser.bufferedBytes
    }
}
