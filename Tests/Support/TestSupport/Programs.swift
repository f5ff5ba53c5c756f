import Foundation

/// A server or a program that a test needs didn't do what it should.
package struct TestServerError: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// Returns where a program is.
///
/// - Throws: `TestServerError` with the command that installs it.
package func program(_ name: String, package: String) throws -> String {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    for folder in folders + ["/usr/sbin", "/usr/local/sbin"]
    where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
        return "\(folder)/\(name)"
    }
    throw TestServerError("\(name) is not installed: apt-get install \(package)")
}

/// The words that start a Python with this module: the one of `TANDEM_PYTHON`, or `python3` of the path.
///
/// - Throws: `TestServerError` with the command that installs the module.
package func python(with module: String) async throws -> [String] {
    let python = ProcessInfo.processInfo.environment["TANDEM_PYTHON"] ?? "python3"
    guard try await ChildProcess([python, "-c", "import \(module)"]).exit() == 0 else {
        throw TestServerError(
            "Python's module \(module) is missing: Scripts/install test, or name a Python that has it as TANDEM_PYTHON")
    }
    return [python]
}
