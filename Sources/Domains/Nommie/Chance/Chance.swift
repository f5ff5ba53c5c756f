/// Numbers that look random and follow from a seed alone: xoshiro256** (Blackman and Vigna), its state filled by SplitMix64.
package struct Chance: Sendable, Equatable, RandomNumberGenerator {
    private var a: UInt64
    private var b: UInt64
    private var c: UInt64
    private var d: UInt64

    package init(seed: UInt64) {
        var mixer = SplitMix64(state: seed)
        a = mixer.next()
        b = mixer.next()
        c = mixer.next()
        d = mixer.next()
    }

    /// Numbers of their own for each pair of a seed and a stream.
    package init(seed: UInt64, stream: UInt64) {
        var mixer = SplitMix64(state: seed)
        self.init(seed: mixer.next() ^ stream)
    }

    package mutating func next() -> UInt64 {
        let result = rotate(b &* 5, 7) &* 9
        let shifted = b << 17
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = rotate(d, 45)
        return result
    }

    /// A number in 0..<bound, each equally likely: Lemire's multiplication on the upper 32 bits, with rejection.
    package mutating func next(below bound: Int) -> Int {
        precondition(bound > 0 && bound <= 1 << 30)
        let bound = UInt64(bound)
        var product = (next() >> 32) &* bound
        if product & 0xFFFF_FFFF < bound {
            let least = (1 << 32) % bound
            while product & 0xFFFF_FFFF < least { product = (next() >> 32) &* bound }
        }
        return Int(truncatingIfNeeded: product >> 32)
    }

    private func rotate(_ value: UInt64, _ places: UInt64) -> UInt64 { value << places | value >> (64 &- places) }
}

/// Steele, Lea and Flood's generator: every state gives another number.
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
