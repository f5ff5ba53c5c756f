import Wire

/// Serves files: with validators, ranges and the precompressed forms that lie beside them. They are read off the loop, those of
/// more than a mebibyte piece by piece.
package struct StaticFiles: Sendable {
    private static let pieceLength = 256 * 1024
    private static let wholeLength = 1024 * 1024

    private let source: any FileSource
    /// Served for a folder's own address.
    package var index = "index.html"
    /// How caches treat the files; by default they ask each time whether theirs is still good.
    package var cacheControl = "no-cache"

    package init(_ source: any FileSource) { self.source = source }

    /// - Parameter path: percent-decoded, relative to the source, without a leading slash.
    /// - Throws: `HTTPError` 404 `not_found`.
    package func respond(to request: Request, path: String) async throws -> Response {
        let headers = request.headers
        let accepted = headers["range"] == nil ? Self.acceptedEncodings(headers) : []
        let names = path.isEmpty || path.hasSuffix("/") ? path + index : path
        let found = try await offLoop { try find(names, accepted: accepted) }
        guard let found else {
            let isFolder = try await offLoop { source.isFolder(names) }
            if isFolder, !request.path.hasSuffix("/"), !request.path.hasPrefix("//") {
                return .redirect(
                    to: request.path + "/" + (request.rawQuery.isEmpty ? "" : "?" + request.rawQuery), status: 308)
            }
            throw HTTPError(404, "not_found", "There is nothing at this address.")
        }
        return try await answer(found, headers, type: MediaType.of(names))
    }

    private struct Found: Sendable {
        let file: any StaticFile
        let encoding: String?
        let hasVariants: Bool

        var entityTag: String { "\"\(file.version)\(encoding.map { "-\($0)" } ?? "")\"" }
    }

    private func find(_ name: String, accepted: [String]) throws -> Found? {
        guard let file = source.open(name) else { return nil }
        var hasVariants = false
        for (encoding, suffix) in [("br", ".br"), ("gzip", ".gz")] {
            guard let variant = source.open(name + suffix) else { continue }
            hasVariants = true
            // One that is older than the file itself belongs to an earlier version.
            if accepted.contains(encoding), variant.modified ?? 0 >= file.modified ?? 0 {
                return Found(file: variant, encoding: encoding, hasVariants: true)
            }
        }
        return Found(file: file, encoding: nil, hasVariants: hasVariants)
    }

    private func answer(_ found: Found, _ request: Headers, type: String) async throws -> Response {
        let file = found.file
        var headers: Headers = [
            "content-type": type, "etag": found.entityTag, "cache-control": cacheControl, "accept-ranges": "bytes",
        ]
        headers["last-modified"] = file.modified.map { HTTPDate.format(seconds: $0) }
        if found.hasVariants { headers["vary"] = "Accept-Encoding" }
        if isFresh(found, request) { return Response(status: 304, headers: headers) }
        headers["content-encoding"] = found.encoding
        switch rangeApplies(found, request) ? ByteRange.parse(request["range"], length: file.length) : .whole {
        case .whole: return try await send(file, 0..<file.length, Response(status: 200, headers: headers))
        case .part(let range):
            headers["content-range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.length)"
            return try await send(file, range, Response(status: 206, headers: headers))
        case .unsatisfiable:
            throw HTTPError(
                416, "range_not_satisfiable", "The file has no such bytes.",
                headers: ["content-range": "bytes */\(file.length)"])
        }
    }

    private func send(_ file: any StaticFile, _ range: Range<Int>, _ response: Response) async throws -> Response {
        var response = response
        if range.count <= Self.wholeLength {
            response.body = .bytes(try await offLoop { try file.read(range) })
        } else {
            response.body = .produced(length: range.count) { writer in
                var position = range.lowerBound
                while position < range.upperBound {
                    let piece = position..<min(position + Self.pieceLength, range.upperBound)
                    try await writer.write(try await offLoop { try file.read(piece) })
                    position = piece.upperBound
                }
            }
        }
        return response
    }

    /// RFC 9110, section 13.2.2: a tag outranks a date.
    private func isFresh(_ found: Found, _ request: Headers) -> Bool {
        if request["if-none-match"] != nil {
            return EntityTag.isKnown(found.entityTag, to: request)
        }
        guard let since = request["if-modified-since"].flatMap(HTTPDate.parse), let modified = found.file.modified
        else {
            return false
        }
        return modified <= since
    }

    /// A range is for the version that `If-Range` names, if it names one.
    private func rangeApplies(_ found: Found, _ request: Headers) -> Bool {
        guard let condition = request["if-range"] else { return true }
        if condition == found.entityTag { return true }
        guard let date = HTTPDate.parse(condition), let modified = found.file.modified else { return false }
        return date == modified
    }

    private static func acceptedEncodings(_ headers: Headers) -> [String] {
        headers.elements("accept-encoding").compactMap { element in
            let parts = element.split(separator: ";").map { $0.split(separator: " ").joined().lowercased() }
            let isRefused = parts.dropFirst().contains { $0.hasPrefix("q=") && Double($0.dropFirst(2)) == 0 }
            return isRefused ? nil : parts.first
        }
    }
}

/// Runs what may block on a thread that isn't a loop's.
private func offLoop<Result: Sendable>(_ body: @Sendable () throws -> Result) async throws -> Result {
    try await withTaskExecutorPreference(globalConcurrentExecutor) { try body() }
}
