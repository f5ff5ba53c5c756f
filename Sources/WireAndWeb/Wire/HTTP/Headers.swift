/// The fields of a message: in order, names compared without regard to case, a name may occur more than once.
package struct Headers: Sendable, Equatable, Sequence, ExpressibleByDictionaryLiteral {
    /// One field line.
    package struct Field: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    private var fields: [Field]

    package init() { fields = [] }

    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    package var count: Int { fields.count }
    /// Makes room for so many fields.
    package mutating func reserveCapacity(_ count: Int) { fields.reserveCapacity(count) }
    package func makeIterator() -> IndexingIterator<[Field]> { fields.makeIterator() }

    /// The first value under this name. Setting replaces all of them by one (`nil` removes all), in the first one's place.
    package subscript(name: String) -> String? {
        get { fields.first { Self.same($0.name, name) }?.value }
        set {
            guard let newValue else { return remove(name) }
            guard let first = fields.firstIndex(where: { Self.same($0.name, name) }) else {
                return add(name, newValue)
            }
            fields[first] = Field(name: name, value: newValue)
            for index in fields.indices.reversed() where index > first && Self.same(fields[index].name, name) {
                fields.remove(at: index)
            }
        }
    }

    /// Every value under this name, in order.
    package func all(_ name: String) -> [String] {
        fields.compactMap { Self.same($0.name, name) ? $0.value : nil }
    }

    package func contains(_ name: String) -> Bool { fields.contains { Self.same($0.name, name) } }

    /// Adds a field after those that are there.
    package mutating func add(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

    package mutating func append(contentsOf other: Headers) { fields += other.fields }

    package mutating func remove(_ name: String) { fields.removeAll { Self.same($0.name, name) } }

    /// The elements of a comma-separated list, over all fields of this name, without the space around them
    /// (RFC 9110 §5.6.1). Empty elements are left out. Don't use it where a value may hold quoted commas.
    package func elements(_ name: String) -> [Substring] {
        guard contains(name) else { return [] }
        return fields.flatMap { field -> [Substring] in
            guard Self.same(field.name, name) else { return [] }
            return field.value.utf8.split(separator: UInt8(ascii: ",")).map(Self.trimmed).filter { !$0.isEmpty }
        }
    }

    /// Whether the list under this name has this element, without regard to case: `headers.lists("close", in: "Connection")`.
    package func lists(_ element: String, in name: String) -> Bool {
        elements(name).contains { Self.same($0, element) }
    }

    /// Whether two names are the same but for the case of ASCII letters.
    package static func same(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        let isSame: Bool?? = unsafe left.utf8.withContiguousStorageIfAvailable { left -> Bool? in
            unsafe right.utf8.withContiguousStorageIfAvailable { right -> Bool in unsafe agree(left, right) }
        }
        if case .some(.some(let isSame)) = isSame { return isSame }
        return zip(left.utf8, right.utf8).allSatisfy { lower($0) == lower($1) }
    }

    private static func agree(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in 0..<left.count where unsafe left[index] != right[index] {
            guard unsafe lower(left[index]) == lower(right[index]) else { return false }
        }
        return true
    }

    /// The same for pieces of text.
    package static func same(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
        left.utf8.count == right.utf8.count && zip(left.utf8, right.utf8).allSatisfy { lower($0) == lower($1) }
    }

    static func trimmed(_ bytes: Substring.UTF8View) -> Substring {
        var bytes = bytes
        while let first = bytes.first, isBlank(first) { bytes.removeFirst() }
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return Substring(bytes)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func lower(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
