import Wire

/// Event streams come out the same however they are cut, and what was read can be written and read again.
enum SSEFuzzing {
    static func parts(_ pieces: [[UInt8]]) -> ([SSEParser.Part], SSEParser.TooLarge?, String) {
        var parser = SSEParser(limit: 100)
        var parts: [SSEParser.Part] = []
        do throws(SSEParser.TooLarge) {
            for piece in pieces {
                parser.append(piece)
                while let part = try parser.next() { parts.append(part) }
            }
        } catch {
            return (parts, error, parser.lastEventID)
        }
        return (parts, nil, parser.lastEventID)
    }

    static func run(_ input: [UInt8]) {
        guard let input = FuzzInput(input) else { return }
        let whole = parts([input.bytes])
        precondition(whole == parts(input.pieces))
        for case .event(let event) in whole.0 {
            var parser = SSEParser(limit: 1000)
            parser.append(SSE.encode(id: event.id, event: event.event, data: event.data))
            // NUL is data like any other, but has no place in an id or, as we write it, in a type.
            let expected = SSEEvent(
                id: event.id, event: event.event.filter { $0 != "\0" }, data: event.data)
            guard !event.event.utf8.contains(0) else { continue }
            precondition((try? parser.next()) == .event(expected))
        }
    }
}

/// Inflation gives the same however the bytes are cut, keeps to its limit, and what it gave deflates and inflates again.
enum InflaterFuzzing {
    static func outcome(
        _ pieces: [[UInt8]], _ format: CompressionFormat
    ) -> (bytes: [UInt8], error: CompressionError?) {
        let inflater = Inflater(format: format)
        var bytes: [UInt8] = []
        do throws(CompressionError) {
            for piece in pieces { try inflater.inflate(piece, into: &bytes, limit: 10_000) }
        } catch {
            precondition(bytes.count <= 10_000)
            return (bytes, error)
        }
        precondition(bytes.count <= 10_000)
        return (bytes, nil)
    }

    static func run(_ input: [UInt8]) {
        guard let input = FuzzInput(input) else { return }
        let format = CompressionFormat.allCases[Int(input.flags) % CompressionFormat.allCases.count]
        let whole = outcome([input.bytes], format)
        let cut = outcome(input.pieces, format)
        precondition(whole.error == cut.error)
        precondition(whole.error != nil || whole.bytes == cut.bytes)
        let deflater = Deflater(format: format, level: Int(input.flags % 9) + 1)
        let deflated = deflater.deflate(whole.bytes, flush: .sync) + deflater.deflate(input.bytes, flush: .finish)
        precondition(
            outcome([deflated], format).bytes.prefix(10_000) == (whole.bytes + input.bytes).prefix(10_000)[...])
    }
}
