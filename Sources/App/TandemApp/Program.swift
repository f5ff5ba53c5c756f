import Core

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The program `tandem`: reads the command line, does what it says, and ends with the documented exit code.
package enum Program {
    package static let version = "0.1.0"

    package static func run(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) async -> Never {
        let code = await perform(Command(arguments))
        // The last lines, unless nobody reads them.
        LogWriter.standardError.flush(within: .seconds(2))
        exit(code.rawValue)
    }

    private static func perform(_ command: Command) async -> ExitCode {
        switch command {
        case .help:
            print(Help.text)
            return .success
        case .version:
            print("tandem \(version)")
            return .success
        case .unknown(let name):
            complain("“\(name)” is not a command: `tandem help` lists them")
            return .usage
        case .nommie(let arguments):
            return NommieCommand(arguments: arguments).run()
        case .serve(let arguments):
            return await withConfiguration(arguments) { await ServeCommand(configuration: $0).run() }
        case .demo(let arguments):
            return await withConfiguration(arguments) { await DemoCommand(configuration: $0).run() }
        case .sandbox(let arguments):
            return await withConfiguration(arguments) { await SandboxCommand(configuration: $0).run() }
        case .doctor(let arguments):
            return await withConfiguration(arguments) { await DoctorCommand(configuration: $0).run() }
        }
    }

    private static func withConfiguration(
        _ arguments: [String], _ body: (Configuration) async -> ExitCode
    ) async -> ExitCode {
        do {
            return await body(try ConfigurationLoader.load(arguments: arguments))
        } catch {
            for fault in error.faults { complain(fault) }
            return .configuration
        }
    }

    /// Tells a person at the terminal what is wrong.
    static func complain(_ sentence: String) { LogWriter.standardError.write("tandem: \(sentence)") }
}
