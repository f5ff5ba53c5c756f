/// Bytes that arrived and are not parsed yet. Holds no heap memory while empty.
struct InputBuffer: Sendable {
    private var storage: [UInt8] = []
    private var start = 0
    private var isClosed = false

    var count: Int { storage.count - start }
    var isEmpty: Bool { start == storage.count }

    /// The byte at this distance from the first that is not consumed.
    subscript(index: Int) -> UInt8 { storage[start + index] }

    func slice(_ range: Range<Int>) -> ArraySlice<UInt8> {
        storage[start + range.lowerBound..<start + range.upperBound]
    }

    /// The place of the first control character but a tab at or behind `index`; `count` where there is none.
    func firstControl(from index: Int) -> Int {
        let found = unsafe storage.withUnsafeBufferPointer { bytes in
            var index = start + index
            while index < bytes.count, unsafe bytes[index] >= 0x20 || bytes[index] == 0x09 { index += 1 }
            return index
        }
        return found - start
    }

    mutating func append(_ bytes: some Sequence<UInt8>) {
        guard !isClosed else { return }
        compact()
        storage.append(contentsOf: bytes)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard !isClosed else { return }
        compact()
        unsafe bytes.withMemoryRebound(to: UInt8.self) { unsafe storage.append(contentsOf: $0) }
    }

    mutating func consume(_ count: Int) {
        start += count
        if start == storage.count { removeAll() }
    }

    /// Takes the first `count` bytes out.
    mutating func take(_ count: Int) -> [UInt8] {
        if start == 0, count == storage.count {
            defer { storage = [] }
            return storage
        }
        let bytes = Array(storage[start..<start + count])
        consume(count)
        return bytes
    }

    mutating func removeAll() {
        storage = []
        start = 0
    }

    /// Takes all out, and accepts nothing any more.
    mutating func takeRemaining() -> [UInt8] {
        defer { close() }
        return take(count)
    }

    /// Forgets everything, and accepts nothing any more.
    mutating func close() {
        removeAll()
        isClosed = true
    }

    /// Moves what is left to the front once the consumed part outweighs it, so that each byte moves at most once on average.
    private mutating func compact() {
        guard start > 4096, start > storage.count / 2 else { return }
        storage.removeFirst(start)
        start = 0
    }
}
