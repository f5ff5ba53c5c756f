/// A game played by JavaScript, and the bytes through which both sides exchange answers.
///
/// This folder and `Sources/Domains/Nommie` are compiled together as one module of Embedded Swift for WebAssembly, by
/// `Scripts/build-web`; it is not a target of the package.
final class Session {
    static var capacity: Int { 16384 }

    var state: GameState
    /// Answers are written here; JavaScript reads them before it asks the next thing.
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    private(set) var count = 0

    init(seed: UInt64) { state = GameState(seed: seed) }

    deinit { unsafe bytes.deallocate() }

    func begin() { count = 0 }

    func append(_ byte: UInt8) {
        precondition(count < Session.capacity)
        unsafe bytes[count] = byte
        count += 1
    }

    func append(_ number: Int) { append(UInt8(truncatingIfNeeded: number)) }

    func append(_ written: [UInt8]) {
        for byte in written { append(byte) }
    }

    func append(_ actions: LegalActions) {
        append(actions.count)
        for action in actions { append(action.code) }
    }

    func append(_ text: StaticString) {
        text.withUTF8Buffer { letters in
            for letter in unsafe letters { append(letter) }
        }
    }
}
