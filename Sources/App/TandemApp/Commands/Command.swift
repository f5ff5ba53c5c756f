/// What the program was asked to do.
enum Command: Equatable {
    case serve([String])
    case demo([String])
    case sandbox([String])
    case doctor([String])
    case nommie([String])
    case version
    case help
    case unknown(String)

    /// - Parameter arguments: the command line without the program's name. Without a command, the program helps.
    init(_ arguments: [String]) {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "serve": self = .serve(rest)
        case "demo": self = .demo(rest)
        case "sandbox": self = .sandbox(rest)
        case "doctor": self = .doctor(rest)
        case "nommie": self = .nommie(rest)
        case "version", "--version": self = .version
        case "help", "--help", "-h", nil: self = .help
        case let other?: self = .unknown(other)
        }
    }
}

/// How the program ends (the values of `sysexits.h` where one fits).
package enum ExitCode: Int32, Sendable {
    case success = 0
    /// `doctor` found something to fix.
    case unhealthy = 1
    /// The command line can't be understood.
    case usage = 64
    /// A required server, or the port to listen on, is unavailable.
    case unavailable = 69
    /// A service ended without being asked to.
    case failure = 70
    /// The configuration is wrong; every fault was named. Also when Discord refuses the bot for good.
    case configuration = 78
}
