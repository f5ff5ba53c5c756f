import CLibuv
import Core

/// What a socket hasn't taken yet. Made when the first bytes have to wait and dropped when all are gone.
final class WriteQueue {
    enum Progress {
        case drained, blocked
        case failed(Int32)
    }

    /// How many frames one call hands to the system.
    static let vectorLimit = 64

    private var frames = Deque<[UInt8]>()
    /// How much of the first frame is sent.
    private var offset = 0
    private(set) var byteCount = 0
    /// Cuts off a peer that doesn't read, once the connection is being closed.
    var lingerTimer: LoopTimer?

    func append(_ frame: [UInt8], from start: Int = 0) {
        if byteCount == 0 {
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
            let count = min(frames.count, Self.vectorLimit)
            let sent = unsafe sendVector(frames, count, skipping: offset, to: fd, pieces: pieces)
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
            let left = frames[0].count - offset
            guard rest >= left else {
                offset += rest
                break
            }
            rest -= left
            _ = frames.popFirst()
            offset = 0
        }
    }
}

/// Sends the first `frameCount` frames without the first `skip` bytes by one `sendmsg`: how many bytes went, or a negated errno.
func sendVector(
    _ frames: Deque<[UInt8]>, _ frameCount: Int, skipping skip: Int, to fd: Int32, pieces: UnsafeMutablePointer<iovec>
) -> Int {
    /// Each level holds one frame's memory until the call is done.
    func gather(_ index: Int, _ count: Int) -> Int {
        guard index < frameCount else { return unsafe tandem_send_vector(fd, pieces, count) }
        return unsafe frames[index].withUnsafeBytes { bytes in
            let start = index == 0 ? skip : 0
            guard bytes.count > start else { return gather(index + 1, count) }
            unsafe pieces[count] = unsafe iovec(
                iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress! + start), iov_len: bytes.count - start)
            return gather(index + 1, count + 1)
        }
    }
    return gather(0, 0)
}
