import CZlib

/// Undoes deflate, with one context for everything it is given, so that a stream may come in any number of pieces.
///
/// Takes about 40 KB while it lives. Belongs to one isolation domain.
@safe
package final class Inflater {
    /// zlib points back into this struct, so it must stay in its place until `inflateEnd`.
    private let stream: UnsafeMutablePointer<z_stream>
    private let format: CompressionFormat
    private var failure: CompressionError?
    /// Whether a zlib or gzip stream has come to its end. Bytes after that are malformed. Raw data has no end: a new
    /// block may follow the one marked as the last (RFC 7692 §7.2.3.4).
    package private(set) var isFinished = false

    package init(format: CompressionFormat) {
        self.format = format
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe inflateInit2_(
            stream, format.windowBits(MAX_WBITS), ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib has no memory, or is not the version this was built with")
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
    }

    /// Appends to `output` all that can be inflated so far; where that fails, what came before the fault.
    ///
    /// - Parameter limit: the most bytes that `output` may come to hold.
    /// - Throws: `CompressionError` for data that is malformed or too long, and on every call after it.
    package func inflate(_ bytes: [UInt8], into output: inout [UInt8], limit: Int) throws(CompressionError) {
        if let failure { throw failure }
        do throws(CompressionError) {
            try run(bytes, into: &output, limit: limit)
        } catch {
            failure = error
            throw error
        }
    }

    /// Returns all that can be inflated so far.
    ///
    /// - Throws: as `inflate(_:into:limit:)`.
    package func inflate(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        var output = [UInt8]()
        try inflate(bytes, into: &output, limit: limit)
        return output
    }

    private func run(_ bytes: [UInt8], into output: inout [UInt8], limit: Int) throws(CompressionError) {
        let result: CompressionError? = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16 * 1024) { scratch in
                // zlib declares its input mutable and never writes to it.
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.pointee.avail_in = uInt(input.count)
                return unsafe drain(scratch, into: &output, limit: limit)
            }
        }
        unsafe stream.pointee.next_in = nil
        unsafe stream.pointee.next_out = nil
        if let result { throw result }
    }

    private func drain(
        _ scratch: UnsafeMutableBufferPointer<UInt8>, into output: inout [UInt8], limit: Int
    ) -> CompressionError? {
        while true {
            if isFinished { return unsafe stream.pointee.avail_in == 0 ? nil : .malformed }
            // One byte more than is allowed, to see whether there is one.
            let room = min(scratch.count - 1, max(0, limit - output.count)) + 1
            unsafe stream.pointee.next_out = scratch.baseAddress
            unsafe stream.pointee.avail_out = uInt(room)
            let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
            let produced = unsafe room - Int(stream.pointee.avail_out)
            let allowed = max(0, min(produced, limit - output.count))
            unsafe output.append(contentsOf: scratch[..<allowed])
            if allowed < produced { return .tooLarge }
            switch status {
            case Z_OK:
                if unsafe stream.pointee.avail_in == 0, produced < room { return nil }
            case Z_BUF_ERROR: return nil
            case Z_STREAM_END:
                // A new series of raw blocks may refer back to what came before: this keeps the window, without copying it.
                if format == .raw { unsafe inflateResetKeep(stream) } else { isFinished = true }
            default: return .malformed
            }
        }
    }
}
