/// The frames of RFC 6455 §5.2.
package enum WebSocketFrame {
    /// What a frame is (RFC 6455 §5.2).
    package enum Opcode: UInt8, Sendable {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        var isControl: Bool { rawValue & 8 != 0 }
    }

    /// A frame's first bytes, read.
    struct Header: Sendable {
        var isFinal: Bool
        var isCompressed: Bool
        var opcode: Opcode
        var length: Int
        /// The four bytes of the mask, first in the lowest place.
        var mask: UInt32?
        /// How many bytes the header took.
        var size: Int
    }

    /// One frame.
    ///
    /// - Parameters:
    ///   - mask: for frames of a client: four bytes that nobody can foretell.
    ///   - isCompressed: set on the first frame of a compressed message.
    package static func encode(
        _ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true, isCompressed: Bool = false, mask: UInt32? = nil
    ) -> [UInt8] {
        var out = [UInt8]()
        out.reserveCapacity(payload.count + 14)
        out.append((isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode.rawValue)
        let masked: UInt8 = mask == nil ? 0 : 0x80
        switch payload.count {
        case ..<126: out.append(masked | UInt8(payload.count))
        case ..<65536: out += [masked | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            out.append(masked | 127)
            for shift in stride(from: 56, through: 0, by: -8) { out.append(UInt8(payload.count >> shift & 255)) }
        }
        if let mask {
            for shift in stride(from: 0, through: 24, by: 8) { out.append(UInt8(mask >> UInt32(shift) & 255)) }
        }
        let start = out.count
        out += payload
        if let mask { apply(mask, to: &out, from: start) }
        return out
    }

    /// Masks or unmasks in place. The mask's first byte meets the byte at `start`.
    static func apply(_ mask: UInt32, to bytes: inout [UInt8], from start: Int = 0) {
        let wide = UInt64(mask) << 32 | UInt64(mask)
        unsafe bytes.withUnsafeMutableBytes { buffer in
            var index = start
            while index + 8 <= buffer.count {
                let word = unsafe UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                unsafe buffer.storeBytes(of: (word ^ wide).littleEndian, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            var rest = wide
            while index < buffer.count {
                unsafe buffer[index] ^= UInt8(truncatingIfNeeded: rest)
                rest >>= 8
                index += 1
            }
        }
    }

    /// The header at the front of the buffer once it is whole; throws as soon as a byte of it is wrong.
    ///
    /// - Parameter isMasked: whether frames from the other side must be.
    static func header(in buffer: InputBuffer, isMasked: Bool, allowsCompression: Bool) throws(WebSocketError)
        -> Header?
    {
        guard buffer.count >= 1 else { return nil }
        let first = buffer[0]
        let isFinal = first & 0x80 != 0
        let isCompressed = first & 0x40 != 0
        guard let opcode = Opcode(rawValue: first & 0x0F) else { throw .unknownOpcode }
        // Only the first frame of a data message may say that it is compressed (RFC 7692 §6).
        guard first & 0x30 == 0, !isCompressed || allowsCompression && (opcode == .text || opcode == .binary) else {
            throw .reservedBits
        }
        if opcode.isControl, !isFinal { throw .malformedControlFrame }

        guard buffer.count >= 2 else { return nil }
        guard (buffer[1] & 0x80 != 0) == isMasked else { throw .wrongMasking }
        var length = Int(buffer[1] & 0x7F)
        if opcode.isControl, length > 125 { throw .malformedControlFrame }
        var size = 2
        let extra = length == 126 ? 2 : length == 127 ? 8 : 0
        if extra > 0 {
            guard buffer.count >= size + extra else { return nil }
            var long: UInt64 = 0
            for index in size..<size + extra { long = long << 8 | UInt64(buffer[index]) }
            guard long >> 63 == 0, long >= (extra == 2 ? 126 : 65536) else { throw .malformedLength }
            length = Int(long)
            size += extra
        }
        guard isMasked else {
            return Header(
                isFinal: isFinal, isCompressed: isCompressed, opcode: opcode, length: length, mask: nil, size: size)
        }
        guard buffer.count >= size + 4 else { return nil }
        var mask: UInt32 = 0
        for index in 0..<4 { mask |= UInt32(buffer[size + index]) << UInt32(8 * index) }
        return Header(
            isFinal: isFinal, isCompressed: isCompressed, opcode: opcode, length: length, mask: mask, size: size + 4)
    }
}
