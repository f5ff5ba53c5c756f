/// The part of a `multipart/form-data` body (RFC 7578) that carries the JSON. Files are not kept.
enum Multipart {
    static func payload(_ body: [UInt8], contentType: String) -> [UInt8]? {
        guard let range = contentType.firstRange(of: "boundary=") else { return nil }
        let boundary = contentType[range.upperBound...].prefix { $0 != ";" }.filter { $0 != "\"" }
        guard !boundary.isEmpty else { return nil }
        let delimiter = Array("--\(boundary)".utf8)
        let starts = body.ranges(of: delimiter).map(\.upperBound)
        for (start, next) in zip(starts, starts.dropFirst()) {
            let part = body[start..<(next - delimiter.count)]
            guard let head = part.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
            let headers = String(decoding: part[part.startIndex..<head.lowerBound], as: UTF8.self)
            if headers.contains("name=\"payload_json\"") {
                return Array(part[head.upperBound...].dropLast(2))
            }
        }
        return Array("{}".utf8)
    }
}
