/// Text as it stands in HTML.
package enum HTMLEscaping {
    /// Returns `text` with everything escaped that could end an attribute in quotes or begin a tag or an entity (HTML Living
    /// Standard, 13.3 “Escaping a string”, and apostrophes).
    package static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
