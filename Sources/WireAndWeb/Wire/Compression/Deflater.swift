import CZlib

/// Deflates, with one context for everything it is given.
///
/// Takes about 260 KB while it lives, less with a smaller window. Belongs to one isolation domain.
@safe
package final class Deflater {
    /// How much of the input must be in the output afterwards.
    package enum Flush: Sendable {
        /// Keep what compresses better together with what follows.
        case none
        /// Put out everything, ending with `Deflater.syncMarker`; what follows may still refer to it.
        case sync
        /// End the stream. Nothing may follow.
        case finish

        fileprivate var value: Int32 {
            switch self {
            case .none: Z_NO_FLUSH
            case .sync: Z_SYNC_FLUSH
            case .finish: Z_FINISH
            }
        }
    }

    /// How a piece ends that was put out with `Flush.sync`: an empty stored block.
    package static let syncMarker: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]

    /// zlib points back into this struct, so it must stay in its place until `deflateEnd`.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isFinished = false

    /// - Parameters:
    ///   - level: 1 (fast) to 9 (small).
    ///   - windowBits: 9 to 15: how far back a repetition is found, as a power of two.
    ///   - expectedBytes: how much will be deflated in all, where that is known: for little, little memory is taken.
    package init(format: CompressionFormat, level: Int = 6, windowBits: Int = 15, expectedBytes: Int = .max) {
        precondition((1...9).contains(level) && (9...15).contains(windowBits))
        let needed = min(windowBits, max(9, Int.bitWidth - expectedBytes.leadingZeroBitCount))
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe deflateInit2_(
            stream, Int32(level), Z_DEFLATED, format.windowBits(Int32(needed)), Int32(needed - 7), Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib has no memory, or is not the version this was built with")
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
    }

    /// What can be put out now that these bytes are there.
    package func deflate(_ bytes: [UInt8], flush: Flush) -> [UInt8] {
        precondition(!isFinished, "a finished stream takes no more")
        isFinished = flush == .finish
        var output = [UInt8]()
        unsafe bytes.withUnsafeBufferPointer { input in
            unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16 * 1024) { scratch in
                // zlib declares its input mutable and never writes to it.
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.pointee.avail_in = uInt(input.count)
                repeat {
                    unsafe stream.pointee.next_out = scratch.baseAddress
                    unsafe stream.pointee.avail_out = uInt(scratch.count)
                    _ = unsafe CZlib.deflate(stream, flush.value)
                    let produced = unsafe scratch.count - Int(stream.pointee.avail_out)
                    unsafe output.append(contentsOf: scratch[..<produced])
                } while unsafe stream.pointee.avail_out == 0
            }
        }
        unsafe stream.pointee.next_in = nil
        unsafe stream.pointee.next_out = nil
        return output
    }
}
