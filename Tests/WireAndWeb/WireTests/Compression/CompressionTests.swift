import Testing
import Wire

@Suite(.tags(.wire)) struct CompressionTests {
    static let texts = ["", "a", "hello hello hello hello", String(repeating: "lorem ipsum ", count: 20_000)]

    @Test(arguments: CompressionFormat.allCases, texts)
    func `what is deflated inflates again`(format: CompressionFormat, text: String) throws {
        let bytes = Array(text.utf8)
        let deflated = Deflater(format: format).deflate(bytes, flush: .finish)
        #expect(try Inflater(format: format).inflate(deflated, limit: bytes.count) == bytes)

        let inflater = Inflater(format: format)
        var output: [UInt8] = []
        for byte in deflated { try inflater.inflate([byte], into: &output, limit: bytes.count) }
        #expect(output == bytes)
        #expect(inflater.isFinished == (format != .raw))
    }

    @Test func `one context serves many messages, each whole at its flush`() throws {
        let deflater = Deflater(format: .zlib)
        let inflater = Inflater(format: .zlib)
        for number in 0..<50 {
            let message = Array(#"{"op":0,"t":"EVENT","d":{"number":\#(number)}}"#.utf8)
            let deflated = deflater.deflate(message, flush: .sync)
            #expect(deflated.suffix(4) == Deflater.syncMarker[...])
            if number > 1 { #expect(deflated.count < message.count / 2) }
            #expect(try inflater.inflate(deflated, limit: 1000) == message)
        }
    }

    @Test func `a bomb is stopped at the limit`() {
        let bomb = Deflater(format: .zlib).deflate([UInt8](repeating: 0, count: 50_000_000), flush: .finish)
        let inflater = Inflater(format: .zlib)
        var output: [UInt8] = []
        #expect(throws: CompressionError.tooLarge) { try inflater.inflate(bomb, into: &output, limit: 1_000_000) }
        #expect(output.count <= 1_000_000)
        #expect(throws: CompressionError.tooLarge) { try inflater.inflate([0], into: &output, limit: .max) }
    }

    @Test(arguments: [0, 1, 16_383, 16_384, 16_385, 32_768])
    func `the limit is exact`(count: Int) throws {
        let deflated = Deflater(format: .raw).deflate([UInt8](repeating: 7, count: count), flush: .finish)
        #expect(try Inflater(format: .raw).inflate(deflated, limit: count).count == count)
        #expect(try Inflater(format: .raw).inflate(deflated, limit: .max).count == count)
        if count > 0 {
            #expect(throws: CompressionError.tooLarge) {
                try Inflater(format: .raw).inflate(deflated, limit: count - 1)
            }
        }
    }

    @Test func `damage is reported, at once and afterwards`() {
        let inflater = Inflater(format: .zlib)
        #expect(throws: CompressionError.malformed) { try inflater.inflate([1, 2, 3], limit: 10) }
        #expect(throws: CompressionError.malformed) { try inflater.inflate([], limit: 10) }
    }

    @Test func `bytes after the end are damage`() {
        let deflated = Deflater(format: .zlib).deflate([1], flush: .finish)
        #expect(throws: CompressionError.malformed) { try Inflater(format: .zlib).inflate(deflated + [0], limit: 10) }
    }

    /// Each block that is marked as the last ends a stream for zlib. Going on behind one must not cost a copy of what came
    /// before: a message has room for a million of them.
    @Test func `a great many last blocks are read as fast as they come`() throws {
        let text = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        let deflater = Deflater(format: .raw)
        let first = deflater.deflate(text, flush: .sync)
        // What refers back to the text.
        let rest = deflater.deflate(Array(text.suffix(20_000)), flush: .sync)
        let emptyLastBlock: [UInt8] = [0x03, 0x00]
        let blocks = [[UInt8]](repeating: emptyLastBlock, count: 300_000).flatMap(\.self)
        let inflated = try Inflater(format: .raw).inflate(first + blocks + rest, limit: 60_000)
        #expect(inflated == text + text.suffix(20_000))
    }

    @Test func `raw blocks may follow the last one and refer back`() throws {
        let text = Array("Hello, Hello, Hello".utf8)
        let first = Deflater(format: .raw)
        let bytes = first.deflate(text, flush: .finish) + Deflater(format: .raw).deflate(text, flush: .sync)
        #expect(try Inflater(format: .raw).inflate(bytes, limit: 100) == text + text)
    }
}
