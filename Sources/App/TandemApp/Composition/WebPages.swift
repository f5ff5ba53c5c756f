import Core
import CWebPages
import Foundation
import Web

/// The web pages: from the folder that the configuration names, or one beside the program or in the working folder, so that
/// they can be changed while it runs; otherwise those that the program carries within itself.
struct WebPages {
    struct NotFound: CodedError {
        let folder: String
        var code: String { "web_folder" }
        var message: String {
            "There are no web pages in \(folder): set TANDEM_WEB to a folder with all of Web, or leave it unset."
        }
    }

    let files: any FileSource
    /// Tells people where they come from.
    let origin: String

    static func find(_ configured: String?) throws(NotFound) -> WebPages {
        let program = URL(filePath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let candidates =
            configured.map { [$0] }
            ?? [
                program.appending(path: "Web").path, program.appending(path: "../share/tandem/web").standardized.path,
                "Web",
            ]
        for candidate in candidates where FileManager.default.fileExists(atPath: candidate + "/app/index.html") {
            return WebPages(files: FileFolder(candidate), origin: candidate)
        }
        if let configured { throw NotFound(folder: configured) }
        return WebPages(files: MemoryFiles(builtIn), origin: "the program itself")
    }

    /// As they were when the program was built.
    private static var builtIn: [String: [UInt8]] {
        let pages = unsafe UnsafeBufferPointer(start: tandem_web_pages(), count: tandem_web_page_count())
        return unsafe Dictionary(
            uniqueKeysWithValues: pages.map { page in
                unsafe (String(cString: page.path), [UInt8](UnsafeBufferPointer(start: page.bytes, count: page.length)))
            })
    }
}
