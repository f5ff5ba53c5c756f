import CLibuv

/// What a socket hasn't taken yet. Made when the first bytes have to wait and dropped when all are gone.
final class WriteQueue {
    enum Progress {
        case drained, blocked
        case failed(Int32)
    }

    /// How many frames one call hands to the system.
    static let vectorLimit = 64

    private var frames: [[UInt8]] = []
    /// The first frame that is not wholly sent, and how much of it is.
    private var head = 0
    private var offset = 0
    private(set) var byteCount = 0
    /// Cuts off a peer that doesn't read, once the connection is being closed.
    var lingerTimer: LoopTimer?

    func append(_ frame: [UInt8], from start: Int = 0) {
        if byteCount == 0 {
            frames.removeAll(keepingCapacity: true)
            head = 0
            offset = start
        } else {
            precondition(start == 0)
        }
        frames.append(frame)
        byteCount += frame.count - start
    }

    /// Sends as much as the socket takes, or as much as is fair to the loop's other connections.
    func flush(to fd: Int32, pieces: UnsafeMutablePointer<iovec>) -> Progress {
        var calls = 0
        while byteCount > 0 {
            guard calls < 64 else { return .blocked }
            calls += 1
            let end = min(frames.count, head + Self.vectorLimit)
            let sent = unsafe sendVector(frames, head..<end, skipping: offset, to: fd, pieces: pieces)
            if sent == -Int(EAGAIN) { return .blocked }
            if sent < 0 { return .failed(Int32(-sent)) }
            advance(by: sent)
        }
        return .drained
    }

    private func advance(by count: Int) {
        byteCount -= count
        var rest = count
        while rest > 0 {
            let left = frames[head].count - offset
            guard rest >= left else {
                offset += rest
                break
            }
            rest -= left
            frames[head] = []
            head += 1
            offset = 0
        }
        // Keeps the array from growing for ever while the queue never runs empty.
        if head > 256, head * 2 > frames.count {
            frames.removeFirst(head)
            head = 0
        }
    }
}

/// One `sendmsg` of `frames[range]`, without the first `skip` bytes: how many bytes went, or a negated errno.
func sendVector(
    _ frames: [[UInt8]], _ range: Range<Int>, skipping skip: Int, to fd: Int32, pieces: UnsafeMutablePointer<iovec>
) -> Int {
    /// Each level holds one frame's memory until the call is done.
    func gather(_ index: Int, _ count: Int) -> Int {
        guard index < range.upperBound else { return unsafe tandem_send_vector(fd, pieces, count) }
        return unsafe frames[index].withUnsafeBytes { bytes in
            let start = index == range.lowerBound ? skip : 0
            guard bytes.count > start else { return gather(index + 1, count) }
            unsafe pieces[count] = unsafe iovec(
                iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress! + start), iov_len: bytes.count - start)
            return gather(index + 1, count + 1)
        }
    }
    return gather(range.lowerBound, 0)
}
