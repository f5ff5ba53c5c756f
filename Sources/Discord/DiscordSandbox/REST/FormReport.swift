/// Collects the errors of a request's body and reports them all at once, nested as Discord does: code 50035 with
/// `errors.<field>.<index>._errors[{code, message}]`.
final class FormReport {
    private struct Problem {
        let path: [String]
        let code: String
        let message: String
    }

    private var problems: [Problem] = []

    func add(_ path: [String], _ code: String, _ message: String) {
        problems.append(Problem(path: path, code: code, message: message))
    }

    func check() throws(Refusal) {
        guard !problems.isEmpty else { return }
        var errors: JSON = [:]
        for problem in problems { Self.insert(problem, at: problem.path[...], into: &errors) }
        throw Refusal(400, 50035, "Invalid Form Body", errors: errors)
    }

    /// The refusal for one error.
    static func refusal(_ path: [String], _ code: String, _ message: String) -> Refusal {
        var errors: JSON = [:]
        insert(Problem(path: path, code: code, message: message), at: path[...], into: &errors)
        return Refusal(400, 50035, "Invalid Form Body", errors: errors)
    }

    private static func insert(_ problem: Problem, at path: ArraySlice<String>, into errors: inout JSON) {
        guard let first = path.first else {
            let entry: JSON = ["code": .string(problem.code), "message": .string(problem.message)]
            errors["_errors"] = .array((errors["_errors"]?.arrayValue ?? []) + [entry])
            return
        }
        var child = errors[first] ?? [:]
        insert(problem, at: path.dropFirst(), into: &child)
        errors[first] = child
    }
}

/// One object of a request's body. Reading a field checks it; an invalid field is reported and reads as `nil`.
struct Form {
    let json: JSON
    let path: [String]
    let report: FormReport

    init(_ json: JSON, path: [String] = [], report: FormReport = FormReport()) {
        self.json = json
        self.path = path
        self.report = report
    }

    /// Whether the field is present, even as null.
    func has(_ key: String) -> Bool { json[key] != nil }
    func isNull(_ key: String) -> Bool { json[key]?.isNull == true }

    private func value(_ key: String, required: Bool) -> JSON? {
        if let value = json[key], !value.isNull { return value }
        if required { fail(key, "BASE_TYPE_REQUIRED", "This field is required") }
        return nil
    }

    func fail(_ key: String, _ code: String, _ message: String) { report.add(path + [key], code, message) }

    func string(_ key: String, _ length: ClosedRange<Int>? = nil, required: Bool = false) -> String? {
        guard let value = value(key, required: required) else { return nil }
        // Discord accepts numbers and booleans as strings, since its own clients send them.
        let text: String
        switch value {
        case .string(let string): text = string
        case .integer(let integer): text = String(integer)
        default:
            fail(key, "STRING_TYPE_CONVERT", "Could not interpret \"\(value.text)\" as string.")
            return nil
        }
        guard let length else { return text }
        let count = text.unicodeScalars.count
        if count > length.upperBound {
            let isExact = length.lowerBound <= 1
            fail(
                key, isExact ? "BASE_TYPE_MAX_LENGTH" : "BASE_TYPE_BAD_LENGTH",
                isExact
                    ? "Must be \(length.upperBound) or fewer in length."
                    : "Must be between \(length.lowerBound) and \(length.upperBound) in length.")
            return nil
        }
        if count < length.lowerBound {
            if length.lowerBound == 1 {
                fail(key, "BASE_TYPE_REQUIRED", "This field is required")
            } else {
                fail(
                    key, "BASE_TYPE_BAD_LENGTH",
                    "Must be between \(length.lowerBound) and \(length.upperBound) in length.")
            }
            return nil
        }
        return text
    }

    func integer(_ key: String, _ range: ClosedRange<Int>, required: Bool = false) -> Int? {
        guard let value = value(key, required: required) else { return nil }
        guard let number = value.intValue ?? value.stringValue.flatMap({ Int($0) }) else {
            fail(key, "NUMBER_TYPE_COERCE", "Value \"\(value.text)\" is not int.")
            return nil
        }
        guard number >= range.lowerBound else {
            fail(key, "NUMBER_TYPE_MIN", "int value should be greater than or equal to \(range.lowerBound).")
            return nil
        }
        guard number <= range.upperBound else {
            fail(key, "NUMBER_TYPE_MAX", "int value should be less than or equal to \(range.upperBound).")
            return nil
        }
        return number
    }

    func boolean(_ key: String) -> Bool? {
        guard let value = value(key, required: false) else { return nil }
        if let boolean = value.boolValue { return boolean }
        fail(key, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return nil
    }

    func snowflake(_ key: String, required: Bool = false) -> UInt64? {
        guard let value = value(key, required: required) else { return nil }
        if let id = value.snowflake { return id }
        fail(key, "NUMBER_TYPE_COERCE", "Value \(value.text) is not snowflake.")
        return nil
    }

    func permissions(_ key: String) -> Permissions? {
        guard let value = value(key, required: false) else { return nil }
        if let bits = value.snowflake { return Permissions(rawValue: bits) }
        fail(key, "NUMBER_TYPE_COERCE", "Value \(value.text) is not int.")
        return nil
    }

    func timestamp(_ key: String, required: Bool = false) -> Int64? {
        guard let value = value(key, required: required) else { return nil }
        if let time = value.stringValue.flatMap(Timestamp.parse) { return time }
        fail(key, "DATE_TIME_TYPE_PARSE", "Could not parse \(value.text). Should be ISO8601.")
        return nil
    }

    func choice(_ key: String, _ allowed: Set<Int>, required: Bool = false) -> Int? {
        guard let value = value(key, required: required) else { return nil }
        guard let number = value.intValue, allowed.contains(number) else {
            let list = allowed.sorted().map(String.init).joined(separator: ", ")
            fail(key, "BASE_TYPE_CHOICES", "Value must be one of (\(list)).")
            return nil
        }
        return number
    }

    func object(_ key: String, required: Bool = false) -> Form? {
        guard let value = value(key, required: required) else { return nil }
        guard value.isObject else {
            fail(key, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
            return nil
        }
        return Form(value, path: path + [key], report: report)
    }

    /// The objects of a list. `nil` when the field is missing; too many are reported.
    func objects(_ key: String, _ count: ClosedRange<Int>, required: Bool = false) -> [Form]? {
        guard let value = value(key, required: required) else { return nil }
        guard let elements = value.arrayValue else {
            fail(key, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return nil
        }
        guard count.contains(elements.count) else {
            fail(
                key, elements.count > count.upperBound ? "BASE_TYPE_MAX_LENGTH" : "BASE_TYPE_BAD_LENGTH",
                elements.count > count.upperBound
                    ? "Must be \(count.upperBound) or fewer in length."
                    : "Must be between \(count.lowerBound) and \(count.upperBound) in length.")
            return nil
        }
        return elements.enumerated().map { index, element in
            let inner = Form(element.isObject ? element : [:], path: path + [key, String(index)], report: report)
            if !element.isObject {
                report.add(inner.path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
            }
            return inner
        }
    }

    func snowflakes(_ key: String) -> [UInt64]? {
        guard let value = value(key, required: false) else { return nil }
        guard let elements = value.arrayValue else {
            fail(key, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return nil
        }
        return elements.enumerated().compactMap { index, element in
            if let id = element.snowflake { return id }
            report.add(path + [key, String(index)], "NUMBER_TYPE_COERCE", "Value \(element.text) is not snowflake.")
            return nil
        }
    }
}
