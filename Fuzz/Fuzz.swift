#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// libFuzzer's entry. `Scripts/fuzz` builds it and says in the environment which codec to try.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe chosen(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

private let chosen: @Sendable ([UInt8]) -> Void = {
    let codecs: [String: @Sendable ([UInt8]) -> Void] = [
        "request": RequestFuzzing.run, "response": ResponseFuzzing.run, "websocket": WebSocketFuzzing.run,
        "handshake": HandshakeFuzzing.run, "sse": SSEFuzzing.run, "inflater": InflaterFuzzing.run,
        "nommie": NommieFuzzing.run, "nommie-json": NommieJSONFuzzing.run,
    ]
    let name = unsafe getenv("FUZZ_CODEC").map { unsafe String(cString: $0) } ?? ""
    guard let codec = codecs[name] else { fatalError("FUZZ_CODEC is one of \(codecs.keys.sorted())") }
    return codec
}()

/// The first bytes of an input choose settings and where it is cut; the rest is what a codec gets.
struct FuzzInput {
    let flags: UInt8
    let bytes: [UInt8]
    private let step: Int

    init?(_ input: [UInt8]) {
        guard input.count >= 2 else { return nil }
        flags = input[0]
        step = Int(input[1] % 32) + 1
        bytes = Array(input[2...])
    }

    /// The bytes in pieces of one length.
    var pieces: [[UInt8]] {
        stride(from: 0, to: bytes.count, by: step).map { Array(bytes[$0..<min($0 + step, bytes.count)]) }
    }
}
