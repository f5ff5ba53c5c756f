import Crypto
import Testing

struct AESGCMTests {
    let key = [UInt8](0..<32)

    @Test(arguments: [0, 1, 15, 16, 17, 4096]) func `sealed bytes open to what was sealed`(_ count: Int) {
        let text = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let sealed = AESGCM.seal(text, key: key, authenticating: [1, 2])
        #expect(sealed.count == count + 28)
        #expect(AESGCM.open(sealed, key: key, authenticating: [1, 2]) == text)
        #expect(AESGCM.seal(text, key: key, authenticating: [1, 2]) != sealed, "no nonce twice")
    }

    @Test func `sealed bytes don't open once anything was changed`() {
        let sealed = AESGCM.seal([1, 2, 3], key: key)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(AESGCM.open(changed, key: key) == nil)
        }
        #expect(AESGCM.open(sealed, key: key.reversed()) == nil)
        #expect(AESGCM.open(sealed, key: key, authenticating: [0]) == nil)
        for count in 0..<sealed.count { #expect(AESGCM.open(Array(sealed.prefix(count)), key: key) == nil) }
    }

    @Test func `sealing gives the standard's vectors`() {
        // Test case 14 of the GCM specification: a key and a nonce of zeros.
        let zero = [UInt8](repeating: 0, count: 32)
        let sealed = Hex.decode(
            "000000000000000000000000" + "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919")
        #expect(AESGCM.open(sealed ?? [], key: zero) == [UInt8](repeating: 0, count: 16))
    }
}
