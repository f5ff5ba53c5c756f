struct DoctorCommand {
    let configuration: Configuration
    func run() async -> ExitCode { .failure }
}
