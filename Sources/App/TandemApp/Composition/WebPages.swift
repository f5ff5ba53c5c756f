import Core
import CWebPages
import Foundation
package import Web

/// The web pages: from the folder that the configuration names, or one beside the program; otherwise those that the program
/// carries within itself. A debug build that is started in the checkout serves the checkout's, so that they can be changed
/// while it runs. Any other takes nothing from the working folder, in which somebody else may have put pages.
package struct WebPages {
    /// The folder that the configuration names has no pages.
    package struct NotFound: CodedError {
        let folder: String
        package var code: String { "web_folder" }
        package var message: String {
            "There are no web pages in \(folder): set TANDEM_WEB to a folder with all of Web, or leave it unset."
        }
    }

    package let files: any FileSource
    /// Tells people where they come from.
    package let origin: String

    /// - Throws: `NotFound`.
    package static func find(
        _ configured: String?, isDebugBuild: Bool = Self.isDebugBuild
    ) throws(NotFound) -> WebPages {
        let candidates = configured.map { [$0] } ?? besideProgram + (isDebugBuild ? ["Web"] : [])
        for candidate in candidates where FileManager.default.fileExists(atPath: candidate + "/app/index.html") {
            return WebPages(files: FileFolder(candidate), origin: candidate)
        }
        if let configured { throw NotFound(folder: configured) }
        return WebPages(files: MemoryFiles(builtIn), origin: "the program itself")
    }

    package static var isDebugBuild: Bool {
        #if DEBUG
            return true
        #else
            return false
        #endif
    }

    /// Where an installation may have them. By the program's own path: the name that it was called by may be one in the
    /// working folder.
    private static var besideProgram: [String] {
        guard let program = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent() else {
            return []
        }
        return [program.appending(path: "Web").path, program.appending(path: "../share/tandem/web").standardized.path]
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
