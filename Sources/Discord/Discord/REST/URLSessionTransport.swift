import Foundation
#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif
import Synchronization

/// HTTP by `URLSession`, without cookies or a cache. Redirects are not followed: they would send the token elsewhere.
///
/// Errors: an exchange throws `HTTPTransportError`, or `CancellationError` when its task is cancelled.
package final class URLSessionTransport: HTTPTransport {
    private let session: URLSession

    /// - Parameters:
    ///   - timeout: how long an exchange may make no progress; in all it may take twice as long.
    ///   - connections: how many connections to one host may be open.
    package init(timeout: Duration = .seconds(15), connections: Int = 16) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = Double(timeout.components.seconds)
        configuration.timeoutIntervalForResource = Double(timeout.components.seconds) * 2
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        configuration.httpMaximumConnectionsPerHost = connections
        session = URLSession(configuration: configuration, delegate: RedirectRefuser(), delegateQueue: nil)
    }

    deinit { session.finishTasksAndInvalidate() }

    package func exchange(_ request: HTTPExchange.Request) async throws -> HTTPExchange.Answer {
        guard let url = URL(string: request.url) else { throw HTTPTransportError.neverSent("the address is malformed") }
        var wanted = URLRequest(url: url)
        wanted.httpMethod = request.method
        for (name, value) in request.headers { wanted.setValue(value, forHTTPHeaderField: name) }
        wanted.httpBody = request.body.map { Data($0) }
        let running = Mutex<URLSessionDataTask?>(nil)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let task = session.dataTask(with: wanted) { data, response, error in
                    continuation.resume(with: Self.result(data, response, error))
                }
                running.withLock { $0 = task }
                // The handler may have run before there was a task to cancel.
                if Task.isCancelled { task.cancel() }
                task.resume()
            }
        } onCancel: {
            running.withLock { $0 }?.cancel()
        }
    }

    private static func result(
        _ data: Data?, _ response: URLResponse?, _ error: (any Error)?
    ) -> Result<HTTPExchange.Answer, any Error> {
        if let error = error as? URLError {
            switch error.code {
            case .cancelled: return .failure(CancellationError())
            case .cannotConnectToHost, .cannotFindHost, .dnsLookupFailed, .notConnectedToInternet,
                .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
                .unsupportedURL, .badURL:
                return .failure(HTTPTransportError.neverSent(reason(error.code)))
            default: return .failure(HTTPTransportError.interrupted(reason(error.code)))
            }
        }
        guard error == nil, let response = response as? HTTPURLResponse else {
            return .failure(HTTPTransportError.interrupted("the exchange failed"))
        }
        var headers: [String: String] = [:]
        for (name, value) in response.allHeaderFields {
            if let name = name as? String, let value = value as? String { headers[name.lowercased()] = value }
        }
        return .success(HTTPExchange.Answer(status: response.statusCode, headers: headers, body: data ?? Data()))
    }

    /// The reason without the system's description, which may quote the address, and so a token.
    private static func reason(_ code: URLError.Code) -> String {
        switch code {
        case .cannotConnectToHost: "the connection was refused"
        case .cannotFindHost, .dnsLookupFailed: "the host name is unknown"
        case .notConnectedToInternet: "there is no network"
        case .timedOut: "no answer came in time"
        case .networkConnectionLost: "the connection broke"
        case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate:
            "no secure connection could be made"
        default: "the network failed (\(code.rawValue))"
        }
    }
}

private final class RedirectRefuser: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
