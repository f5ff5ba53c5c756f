import CLibuv
import Crypto

extension Connection {
    /// Whether bytes are wanted from the socket now.
    private var wantsBytes: Bool {
        guard flags.isDisjoint(with: [.closed, .endReceived, .closeWanted]) else { return false }
        if let tls, !tls.engine.isEstablished { return true }
        return flags.contains(.started) && !flags.contains(.paused)
    }

    /// Makes the loop watch for what is wanted now.
    func updateInterest() {
        guard isOpen else { return }
        var wanted: Int32 = 0
        if wantsBytes {
            wanted = Int32(UV_READABLE.rawValue)
        } else if flags.isDisjoint(with: [.endReceived, .hangupSeen]) {
            // Also makes the loop report a reset.
            wanted = Int32(UV_DISCONNECT.rawValue)
        }
        if queue != nil { wanted |= Int32(UV_WRITABLE.rawValue) }
        guard wanted != interest else { return }
        interest = wanted
        guard wanted != 0 else {
            unsafe uv_poll_stop(poll)
            return
        }
        unsafe uv_poll_start(poll, wanted) { handle, status, events in
            let owner = unsafe Unmanaged<AnyObject>.fromOpaque(handle!.pointee.data).takeUnretainedValue()
            unsafe unsafeDowncast(owner, to: Connection.self).polled(status, events)
        }
    }

    /// Reading begins or goes on.
    func resumeReceiving() {
        updateInterest()
        guard let tls, tls.holdsPlaintext else { return }
        loop.atEndOfTurn { [self] in
            if self.tls != nil { deliverPlaintext(of: tls) }
        }
    }

    private func polled(_ status: Int32, _ events: Int32) {
        guard isOpen else { return }
        if status < 0 { return socketFailed() }
        if events & Int32(UV_WRITABLE.rawValue) != 0 { flush() }
        if events & Int32(UV_READABLE.rawValue) != 0, isOpen {
            if wantsBytes { receive(rounds: 16) } else { updateInterest() }
        }
        if events & Int32(UV_DISCONNECT.rawValue) != 0, isOpen, !wantsBytes {
            flags.insert(.hangupSeen)
            updateInterest()
        }
    }

    /// The socket has an error; libuv has stopped watching it. Bytes that came before the error are still delivered.
    private func socketFailed() {
        interest = 0
        let error = wantsBytes ? 0 : tandem_socket_error(fd)
        if wantsBytes { receive(rounds: .max) }
        // Where receiving didn't meet the error, the end of the stream had come before it.
        if isOpen { fail(error == 0 ? ECONNRESET : error) }
    }

    /// Receives until nothing is left, or so many times; the loop reports again what remains.
    private func receive(rounds: Int) {
        var left = rounds
        while left > 0, wantsBytes {
            left -= 1
            let buffer = unsafe loop.readBuffer
            let count = unsafe tandem_receive(fd, buffer.baseAddress, buffer.count)
            if count > 0 {
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
                if let tls {
                    unsafe decrypt(bytes, through: tls)
                } else {
                    unsafe handler?.received(bytes, on: self)
                }
                if count < buffer.count, rounds != .max { return }
            } else if count == 0 {
                if let tls { truncated(tls) } else { endReceived() }
                return
            } else {
                if count != -Int(EAGAIN) { fail(Int32(-count)) }
                return
            }
        }
        if !wantsBytes { updateInterest() }
    }

    /// The peer sends no more.
    func endReceived() {
        guard isOpen, !flags.contains(.endReceived) else { return }
        flags.insert(.endReceived)
        updateInterest()
        handler?.receivedEnd(on: self)
        if isOpen, flags.contains(.endSent) { finish() }
    }
}
