import FoundationEssentials
package import Web
import Wire

/// The web pages: static files, and the one document that every address of the app opens.
package struct PageRoutes: Sendable {
    /// Where the pages come from and what they link to.
    package struct Configuration: Sendable {
        /// The contents of the folder `Web`: `app`, `sdk`, `nommie` and `demo`.
        package var files: any FileSource
        /// The base of links into Discord.
        package var discordWeb: String
        /// The chat page of the sandbox, for `/demo`; without one there is no such page.
        package var sandboxURL: String?

        package init(files: any FileSource, discordWeb: String, sandboxURL: String? = nil) {
            self.files = files
            self.discordWeb = discordWeb
            self.sandboxURL = sandboxURL
        }
    }

    private let configuration: Configuration
    private let document: String

    /// - Throws: `CocoaError.fileNoSuchFile` when the app's page isn't among the files.
    package init(_ configuration: Configuration) throws {
        self.configuration = configuration
        guard let page = configuration.files.open("app/index.html") else { throw CocoaError(.fileNoSuchFile) }
        document = String(decoding: try page.read(0..<page.length), as: UTF8.self).replacing(
            #"name="tandem-discord-url" content="https://discord.com""#,
            with: #"name="tandem-discord-url" content="\#(HTMLEscaping.escape(configuration.discordWeb))""#)
    }

    /// Adds the routes of the pages, and the page for unknown addresses.
    package func register(on router: inout RouterBuilder) {
        let security = SecurityHeaders().allowing("img-src", "'self'", "data:", "https://cdn.discordapp.com").framed(
            by: "'self'")
        router.group("", [security.middleware]) { pages in
            for address in ["/", "/games", "/games/mine", "/games/new", "/games/:id", "/games/:id/edit", "/account"] {
                pages.get(address) { [document] _ in .html(document).setting("cache-control", "no-cache") }
            }
            for folder in ["app", "sdk", "shared"] {
                pages.files("/" + folder, StaticFiles(configuration.files.below(folder)))
            }
        }
        router.use(lostPage(security))
        registerNommie(on: &router)
        registerDemo(on: &router)
    }

    /// The card game against the computer. It runs entirely in the browser, so only its page may compile WebAssembly and
    /// start a worker.
    private func registerNommie(on router: inout RouterBuilder) {
        let security = SecurityHeaders().allowing("script-src", "'self'", "'wasm-unsafe-eval'").allowing(
            "worker-src", "'self'"
        ).allowing("img-src", "'self'", "data:")
        let files = StaticFiles(configuration.files.below("nommie"))
        router.group("", [security.middleware]) { table in
            // The page's addresses are relative to its folder.
            table.get("/nommie") {
                .redirect(to: $0.rawQuery.isEmpty ? "/nommie/" : "/nommie/?" + $0.rawQuery, status: 308)
            }
            table.get("/nommie/") { try await files.respond(to: $0, path: "index.html") }
            table.files("/nommie", files)
        }
    }

    /// Answers an unknown address with a page that says so, for browsers; programs get the JSON. Both are 404.
    private func lostPage(_ security: SecurityHeaders) -> Middleware {
        let page = Response.html(document, status: 404).setting("cache-control", "no-cache")
        let setting = security.setting
        return .finishing { request, response in
            guard response.status == 404, request.method == "GET", !request.path.hasPrefix("/api/"),
                request.headers["accept"]?.contains("text/html") == true
            else { return response }
            var page = page
            setting(request, &page)
            return page
        }
    }

    private func registerDemo(on router: inout RouterBuilder) {
        guard let sandboxURL = configuration.sandboxURL else { return }
        struct Where: Encodable { let sandboxUrl: String }
        // The sandbox can be reached under either name of this machine: the frame uses the one in the page's own address.
        let frames = ["'self'", sandboxURL, sandboxURL.replacing("127.0.0.1", with: "localhost")]
        var security = SecurityHeaders()
        security.policy.append(("frame-src", frames))
        let files = StaticFiles(configuration.files.below("demo"))
        router.group("", [security.middleware]) { demo in
            demo.get("/demo/config.json") { _ in
                try .json(Where(sandboxUrl: sandboxURL)).setting("cache-control", "no-store")
            }
            demo.get("/demo") { try await files.respond(to: $0, path: "index.html") }
            demo.files("/demo", files)
        }
    }
}
