import Core
import Foundation

/// Finds the web pages: where the configuration says, beside the program, or in the working folder.
enum WebFolder {
    struct NotFound: CodedError {
        let tried: [String]
        var code: String { "web_folder" }
        var message: String {
            "The web pages were not found in \(tried.joined(separator: ", ")): set TANDEM_WEB to the folder that holds app and sdk."
        }
    }

    static func find(_ configured: String?) throws(NotFound) -> String {
        let program = URL(filePath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let candidates =
            configured.map { [$0] }
            ?? [
                program.appending(path: "Web").path, program.appending(path: "../share/tandem/web").standardized.path,
                "Web",
            ]
        for candidate in candidates where FileManager.default.fileExists(atPath: candidate + "/app/index.html") {
            return candidate
        }
        throw NotFound(tried: candidates)
    }
}
