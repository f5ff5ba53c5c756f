import Testing

extension Tag {
    /// Codecs, without any I/O.
    @Tag static var wire: Self
}

/// The ways in which a network may cut these bytes: whole, in two at every place, and one by one.
func splits(_ bytes: [UInt8]) -> [[[UInt8]]] {
    [[bytes]] + (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] } + [bytes.map { [$0] }]
}

func splits(_ text: String) -> [[[UInt8]]] { splits(Array(text.utf8)) }
