import Core
import DiscordSandbox
import EventLoop

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif
import Foundation

/// A sandbox on a free port, with what tests need to talk to it.
struct RunningSandbox {
    static let applicationID: UInt64 = 200_000_000_000_000_001
    static let token = "MjAwMDAwMDAwMDAwMDAwMDAx.sandbx.tandem-bot-token-for-the-sandbox"
    static let secret = "a secret for tests"
    static let ancestor = "http://127.0.0.1:9"
    static let redirect = "http://127.0.0.1:9/api/v1/auth/callback"

    let port: Int
    let sandbox: Sandbox

    var base: String { "http://127.0.0.1:\(port)" }

    static func with(
        heartbeatInterval: Duration = .milliseconds(41_250), crowd: Seed.Crowd = Seed.Crowd(),
        _ body: (RunningSandbox) async throws -> Void
    ) async throws {
        let group = EventLoopGroup(count: 2)
        var configuration = Sandbox.Configuration(
            application: Sandbox.Registration(
                id: applicationID, clientSecret: Secret(secret), botToken: Secret(token), redirectURIs: [redirect]),
            frameAncestors: [ancestor])
        configuration.heartbeatInterval = heartbeatInterval
        configuration.crowd = crowd
        let sandbox = Sandbox(configuration: configuration, group: group)
        let port = try await sandbox.start()
        do {
            try await body(RunningSandbox(port: port, sandbox: sandbox))
        } catch {
            await sandbox.shutdown()
            await group.shutdown()
            throw error
        }
        await sandbox.shutdown()
        await group.shutdown()
    }

    struct Answer {
        let status: Int
        let headers: [String: String]
        let body: JSON
    }

    func send(
        _ method: String, _ path: String, _ body: JSON? = nil, form: String? = nil, authorization: String? = nil,
        origin: String? = nil
    ) async throws -> Answer {
        var request = URLRequest(url: URL(string: base + path)!)
        request.httpMethod = method
        request.setValue("DiscordBot (https://example.com, 1)", forHTTPHeaderField: "User-Agent")
        if let origin { request.setValue(origin, forHTTPHeaderField: "Origin") }
        if let authorization { request.setValue(authorization, forHTTPHeaderField: "Authorization") }
        if let body {
            request.httpBody = Data(body.bytes)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        } else if let form {
            request.httpBody = Data(form.utf8)
            request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
        }
        let session = URLSession(configuration: .ephemeral, delegate: NoRedirects(), delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await session.data(for: request)
        let http = response as! HTTPURLResponse
        var headers: [String: String] = [:]
        for (name, value) in http.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
        let json = (try? JSON(parsing: [UInt8](data))) ?? .string(String(decoding: data, as: UTF8.self))
        return Answer(status: http.statusCode, headers: headers, body: data.isEmpty ? .null : json)
    }
}

/// Shows redirects to the test instead of following them.
private final class NoRedirects: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
