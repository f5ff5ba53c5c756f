struct DemoCommand {
    let configuration: Configuration
    func run() async -> ExitCode { .failure }
}
