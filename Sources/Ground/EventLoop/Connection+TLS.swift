import CLibuv
import Core
import Crypto

/// What an encrypted connection has in addition.
final class TLSLayer {
    let engine: TLSEngine
    /// Whether decrypted or decryptable bytes wait for reading to go on.
    var holdsPlaintext = false
    var failure: TLSError?
    /// Limits the handshake.
    var timer: LoopTimer?
    /// Called once, when the handshake has succeeded or can't any more.
    var handshakeEnded: (((any CodedError)?) -> Void)?
    private var hasSentCloseNotify = false

    init(engine: TLSEngine) { self.engine = engine }

    func sendCloseNotify() {
        guard !hasSentCloseNotify else { return }
        hasSentCloseNotify = true
        engine.close()
    }
}

extension Connection {
    /// Begins the handshake. `ended` is called once, later.
    func startHandshake(timeout: Duration, ended: @escaping ((any CodedError)?) -> Void) {
        guard let tls else { preconditionFailure("this connection isn't encrypted") }
        tls.handshakeEnded = ended
        guard isOpen else { return }
        tls.timer = loop.schedule(after: timeout) { [weak self] in
            tls.failure = TLSError(code: "tls_timed_out", message: "the TLS handshake took longer than \(timeout)")
            self?.abort()
        }
        loop.atEndOfTurn { [self] in if isOpen { advanceHandshake(of: tls) } }
        updateInterest()
    }

    private func advanceHandshake(of tls: TLSLayer) {
        do throws(TLSError) {
            let isDone = try tls.engine.advance()
            sendOutput(of: tls)
            guard isDone, isOpen else { return }
        } catch {
            tls.failure = error
            // The alert has the reason for the peer.
            sendOutput(of: tls)
            return fail(EPROTO)
        }
        tls.timer?.cancel()
        tls.timer = nil
        let ended = tls.handshakeEnded
        tls.handshakeEnded = nil
        ended?(nil)
        updateInterest()
    }

    /// Takes ciphertext that has arrived.
    func decrypt(_ bytes: UnsafeRawBufferPointer, through tls: TLSLayer) {
        unsafe tls.engine.receive(bytes)
        if !tls.engine.isEstablished {
            advanceHandshake(of: tls)
            guard isOpen, tls.engine.isEstablished else { return }
        }
        deliverPlaintext(of: tls)
    }

    /// Hands decrypted bytes over until there are none or reading is paused.
    func deliverPlaintext(of tls: TLSLayer) {
        do throws(TLSError) {
            while isOpen, !flags.contains(.endReceived) {
                guard flags.contains(.started), flags.isDisjoint(with: [.paused, .closeWanted]) else {
                    tls.holdsPlaintext = true
                    return updateInterest()
                }
                tls.holdsPlaintext = false
                switch unsafe try tls.engine.read(into: loop.plaintext) {
                case .bytes(let count):
                    unsafe handler?.received(UnsafeRawBufferPointer(rebasing: loop.plaintext[..<count]), on: self)
                case .nothing: return sendOutput(of: tls)
                case .end: endReceived()
                }
            }
        } catch {
            tls.failure = error
            sendOutput(of: tls)
            fail(EPROTO)
        }
    }

    /// The socket ended without the peer's `close_notify`: something may have been cut off.
    func truncated(_ tls: TLSLayer) {
        tls.failure =
            tls.engine.isEstablished
            ? TLSError(code: "tls_truncated", message: "the peer ended the connection without a close_notify alert")
            : TLSError(code: "tls_handshake", message: "the peer ended the connection during the TLS handshake")
        fail(EPROTO)
    }

    /// Encrypts frames, joined into as few records as possible, and sends them. The connection is handed out only after the
    /// handshake.
    func encrypt(_ frames: [[UInt8]], through tls: TLSLayer) -> WriteOutcome {
        do throws(TLSError) {
            var count = 0
            for frame in frames {
                var rest = frame[...]
                while !rest.isEmpty {
                    let part = unsafe min(rest.count, loop.scratch.count - count)
                    unsafe rest.prefix(part).withUnsafeBytes { bytes in
                        unsafe (loop.scratch.baseAddress! + count)
                            .copyMemory(from: bytes.baseAddress!, byteCount: part)
                    }
                    rest = rest.dropFirst(part)
                    count += part
                    if unsafe count == loop.scratch.count {
                        unsafe try tls.engine.write(UnsafeRawBufferPointer(loop.scratch))
                        count = 0
                    }
                }
            }
            unsafe try tls.engine.write(UnsafeRawBufferPointer(rebasing: loop.scratch[..<count]))
        } catch {
            tls.failure = error
            fail(EPROTO)
            return .closed
        }
        sendOutput(of: tls)
        guard isOpen else { return .closed }
        return queue == nil ? .written : .queued
    }

    /// Sends the ciphertext that the engine has made.
    func sendOutput(of tls: TLSLayer) {
        guard isOpen, tls.engine.outputCount > 0 else { return }
        let error = unsafe tls.engine.withOutput { bytes -> Int32 in
            if let queue {
                unsafe queue.append(Array(bytes))
                return 0
            }
            let sent = unsafe tandem_send(fd, bytes.baseAddress, bytes.count)
            guard sent >= 0 || sent == -Int(EAGAIN) else { return Int32(-sent) }
            let rest = unsafe Array(bytes.dropFirst(max(0, sent)))
            if !rest.isEmpty {
                let queue = WriteQueue()
                queue.append(rest)
                self.queue = queue
                updateInterest()
            }
            return 0
        }
        if error != 0 { fail(error) }
    }
}
