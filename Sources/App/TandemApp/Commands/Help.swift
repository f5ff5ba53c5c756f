/// The text of `tandem help`.
enum Help {
    static var text: String {
        let width = Option.all.map { $0.variable.count }.max() ?? 0
        let options = Option.all.map { option in
            let name = option.variable + String(repeating: " ", count: width - option.variable.count)
            let standard = option.standard.map { " (default: \($0))" } ?? ""
            return "  \(name)  \(option.form): \(option.summary)\(standard)"
        }
        return """
            Tandem keeps a Discord community and its web pages in step.

            usage: tandem <command> [flags]

              serve     run the server; with --bench nothing but delivery, unsigned, for measurements on loopback
              demo      run everything with a sandbox in place of Discord, and print the addresses to open
              sandbox   run the sandbox alone, for servers in other processes, and print the settings they need
              doctor    check the configuration and every server it names, and say what to fix
              nommie    the card game: play, tournament, budgets, export, prove, bench
              version   print the version
              help      print this

            Settings, as environment variables or as flags (TANDEM_PORT is --port; secrets only as variables):
            \(options.joined(separator: "\n"))

            Exit codes: 0 as asked; 1 doctor found something to fix; 64 wrong usage; 69 a server or the port is unavailable;
            70 a part of the program failed; 78 the configuration is wrong, or Discord refuses the bot.
            """
    }
}
