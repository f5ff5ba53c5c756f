import Core

/// Why bytes are no acceptable HTTP message. The connection can't be used any further: answer with `status`, then close.
package struct HTTPParseError: CodedError, Equatable {
    /// The status to answer a bad request with; always 502 for a bad response.
    package let status: Int
    package let code: String
    package let message: String

    package init(status: Int, code: String, message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    static func malformed(_ code: String, _ message: String) -> HTTPParseError {
        HTTPParseError(status: 400, code: code, message: message)
    }

    /// The same fault, found in what a server sent.
    var inResponse: HTTPParseError { HTTPParseError(status: 502, code: code, message: message) }

    static let bareLineFeed = malformed("bare_line_feed", "Lines end with CR LF; a lone LF was found.")
    static let bareCarriageReturn = malformed("bare_carriage_return", "Lines end with CR LF; a lone CR was found.")
    static let controlCharacter = malformed("control_character", "The head holds a control character.")
    static let malformedRequestLine = malformed(
        "malformed_request_line", "The request line isn't method, target and version with one space between them.")
    static let malformedMethod = malformed("malformed_method", "The method isn't a token.")
    static let malformedTarget = malformed(
        "malformed_target", "The target isn't a path, an absolute http address, or what the method allows.")
    static let malformedVersion = malformed("malformed_version", "The version isn't of the form HTTP/1.1.")
    static let unsupportedVersion = HTTPParseError(
        status: 505, code: "unsupported_version", message: "Only HTTP/1.0 and HTTP/1.1 are spoken here.")
    static let malformedStatusLine = malformed(
        "malformed_status_line", "The status line isn't version, three digits and a phrase.")
    static let startLineTooLong = HTTPParseError(
        status: 414, code: "start_line_too_long", message: "The first line is longer than this server accepts.")
    static let headersTooLarge = HTTPParseError(
        status: 431, code: "headers_too_large", message: "The header fields are larger than this server accepts.")
    static let tooManyHeaders = HTTPParseError(
        status: 431, code: "too_many_headers", message: "There are more header fields than this server accepts.")
    static let bodyTooLarge = HTTPParseError(
        status: 413, code: "body_too_large", message: "The body is larger than this server accepts.")
    static let foldedHeader = malformed("folded_header", "A header line begins with white space.")
    static let malformedHeaderName = malformed("malformed_header_name", "A header's name isn't a token before a colon.")
    static let malformedHeaderValue = malformed(
        "malformed_header_value", "A header's value holds a character that isn't allowed.")
    static let missingHost = malformed("missing_host", "An HTTP/1.1 request needs a Host field.")
    static let repeatedHost = malformed("repeated_host", "There is more than one Host field.")
    static let malformedHost = malformed("malformed_host", "The Host field isn't a host with an optional port.")
    static let malformedLength = malformed("malformed_content_length", "Content-Length isn't one decimal number.")
    static let repeatedLength = malformed("repeated_content_length", "There is more than one Content-Length field.")
    static let ambiguousLength = malformed(
        "ambiguous_length", "Content-Length and Transfer-Encoding exclude each other.")
    static let malformedTransferEncoding = malformed(
        "malformed_transfer_encoding", "The only transfer coding that may frame a body is one final chunked.")
    static let unsupportedTransferEncoding = HTTPParseError(
        status: 501, code: "unsupported_transfer_encoding", message: "No transfer coding but chunked is supported.")
    static let malformedChunk = malformed("malformed_chunk", "The chunked body isn't well formed.")
    static let truncated = malformed("truncated_message", "The connection ended within a message.")
    static let unexpectedResponse = malformed("unexpected_response", "A response came that no request asked for.")
}
