import CLibuv

extension Connection {
    /// Sends `bytes`: at once as far as the system takes them, the rest when the peer has read. The array is shared, not
    /// copied.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> WriteOutcome {
        loop.assertCurrent()
        guard tls == nil, queue == nil, flags.isDisjoint(with: .unwritable) else { return writeSlowly(bytes) }
        let sent = unsafe bytes.withUnsafeBytes { unsafe tandem_send(fd, $0.baseAddress, $0.count) }
        return sent == bytes.count ? .written : queueRest(of: CollectionOfOne(bytes), after: sent)
    }

    /// Sends several frames as one: nothing comes between them, and the system is called once.
    @discardableResult
    package func write(_ frames: [[UInt8]]) -> WriteOutcome {
        loop.assertCurrent()
        if frames.count == 1 { return write(frames[0]) }
        guard flags.isDisjoint(with: .unwritable) else { return .closed }
        var total = 0
        for frame in frames { total += frame.count }
        guard queuedBytes == 0 || queuedBytes + total <= maximumQueuedBytes else { return .overflow }
        if let tls { return encrypt(frames, through: tls) }
        if let queue {
            for frame in frames where !frame.isEmpty { queue.append(frame) }
            return .queued
        }
        // Small frames are joined by copying, which costs less than handing each of them to the system.
        if unsafe total <= loop.scratch.count {
            let sent = unsafe tandem_send(fd, loop.scratch.baseAddress, join(frames))
            return sent == total ? .written : queueRest(of: frames, after: sent)
        }
        let queue = WriteQueue()
        for frame in frames where !frame.isEmpty { queue.append(frame) }
        switch unsafe queue.flush(to: fd, pieces: loop.pieces) {
        case .drained: return .written
        case .blocked:
            self.queue = queue
            updateInterest()
            return .queued
        case .failed(let error):
            fail(error)
            return .closed
        }
    }

    private func writeSlowly(_ bytes: [UInt8]) -> WriteOutcome {
        guard flags.isDisjoint(with: .unwritable) else { return .closed }
        guard queuedBytes == 0 || queuedBytes + bytes.count <= maximumQueuedBytes else { return .overflow }
        if let tls { return encrypt([bytes], through: tls) }
        guard let queue else { return .written }
        if !bytes.isEmpty { queue.append(bytes) }
        return .queued
    }

    /// Copies the frames into the loop's scratch memory, where they fit.
    private func join(_ frames: [[UInt8]]) -> Int {
        var count = 0
        for frame in frames where !frame.isEmpty {
            unsafe frame.withUnsafeBytes { bytes in
                unsafe (loop.scratch.baseAddress! + count).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
            }
            count += frame.count
        }
        return count
    }

    /// After a send that took `sent` bytes of the frames, or failed with a negated errno.
    private func queueRest(of frames: some Collection<[UInt8]>, after sent: Int) -> WriteOutcome {
        guard sent >= 0 || sent == -Int(EAGAIN) else {
            fail(Int32(-sent))
            return .closed
        }
        var skip = max(0, sent)
        let queue = WriteQueue()
        for frame in frames {
            if skip >= frame.count {
                skip -= frame.count
                continue
            }
            queue.append(frame, from: skip)
            skip = 0
        }
        self.queue = queue
        updateInterest()
        return .queued
    }

    /// The socket takes bytes again.
    func flush() {
        guard let queue else { return updateInterest() }
        switch unsafe queue.flush(to: fd, pieces: loop.pieces) {
        case .blocked: return
        case .failed(let error): return fail(error)
        case .drained: break
        }
        queue.lingerTimer?.cancel()
        self.queue = nil
        updateInterest()
        if flags.contains(.closeWanted) {
            sendEnd()
            finish()
        } else if flags.contains(.endWanted) {
            sendEnd()
        }
        if isOpen { handler?.writable(on: self) }
    }
}

extension Connection.Flags {
    /// Any of these forbids to write.
    static let unwritable: Connection.Flags = [.closed, .closeWanted, .endWanted, .endSent]
}
