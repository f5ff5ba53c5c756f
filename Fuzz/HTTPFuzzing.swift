import Wire

/// Requests come out the same however they are cut, nothing stays held after the end, and what was understood can be
/// written and understood again.
enum RequestFuzzing {
    struct Outcome: Equatable {
        var heads: [RequestHead] = []
        var bodies: [[UInt8]] = []
        var ends = 0
        var error: HTTPParseError?

        init(_ pieces: [[UInt8]], _ limits: HTTPLimits) {
            var parser = RequestParser(limits: limits)
            do throws(HTTPParseError) {
                for piece in pieces {
                    parser.append(piece)
                    while let part = try parser.next() {
                        switch part {
                        case .head(let head):
                            precondition(ends == heads.count)
                            heads.append(head)
                            bodies.append([])
                        case .body(let bytes):
                            precondition(!bytes.isEmpty && ends == heads.count - 1)
                            bodies[bodies.count - 1] += bytes
                            precondition(bodies[bodies.count - 1].count <= limits.body)
                        case .end: ends += 1
                        }
                    }
                    precondition(parser.bufferedBytes <= limits.startLine + limits.headerBytes + 512)
                }
            } catch {
                self.error = error
                precondition(parser.bufferedBytes == 0)
            }
        }
    }

    static func run(_ input: [UInt8]) {
        guard let input = FuzzInput(input) else { return }
        let limits = HTTPLimits(startLine: 60, headerBytes: 120, headerCount: 5, body: 64)
        let whole = Outcome([input.bytes], limits)
        precondition(whole == Outcome(input.pieces, limits))
        for (head, body) in zip(whole.heads.prefix(whole.ends), whole.bodies) where head.minorVersion == 1 {
            let again = Outcome([RequestSerializer.request(head, body: body)], HTTPLimits())
            precondition(again.error == nil && again.ends == 1 && again.bodies == [body])
            precondition(again.heads[0].target == head.target && again.heads[0].authority == head.authority)
            _ = (head.pathAndQuery, head.keepsAlive, head.expectsContinue, head.upgrades(to: "websocket"))
        }
    }
}

/// The same for responses.
enum ResponseFuzzing {
    struct Outcome: Equatable {
        var parts: [ResponseParser.Part] = []
        var body: [UInt8] = []
        var rest: [UInt8] = []
        var error: HTTPParseError?

        init(_ pieces: [[UInt8]], methods: [String]) {
            let limits = HTTPLimits(startLine: 60, headerBytes: 120, headerCount: 5, body: 64)
            var parser = ResponseParser(limits: limits)
            for method in methods { parser.requestSent(method: method) }
            do throws(HTTPParseError) {
                for piece in pieces {
                    parser.append(piece)
                    while let part = try parser.next() { take(part) }
                }
                if let part = try parser.receivedEnd() { take(part) }
            } catch {
                self.error = error
                precondition(error.status == 502 && parser.bufferedBytes == 0)
                // How much of a body came before it turned out too large depends on the cuts.
                body = []
            }
            rest = parser.takeRemaining()
        }

        private mutating func take(_ part: ResponseParser.Part) {
            if case .body(let bytes) = part { body += bytes } else { parts.append(part) }
        }
    }

    static func run(_ input: [UInt8]) {
        guard let input = FuzzInput(input) else { return }
        let first = ["GET", "HEAD", "CONNECT", "POST"][Int(input.flags & 3)]
        let methods = [first, "GET", "HEAD"]
        precondition(Outcome([input.bytes], methods: methods) == Outcome(input.pieces, methods: methods))
    }
}
