import Nommie

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `tandem nommie …`: the card game at the terminal, and what proves and measures it.
struct NommieCommand {
    static let usage = """
        usage: tandem nommie <command> [flags]

          play        a game against three programs: --seed N, --seat 0…3, --against random|heuristic|strategic, --plain
          tournament  win rates of each kind of player in each seat: --games N, --nodes N, --seed N
          budgets     win rates of four budgets of the strategic player at one table: --deals N, --nodes A,B,C,D, --seed N
          export      finished random games as JSON lines, for a referee: --games N, --seed N
          prove       play random games and check what must always hold: --games N, --seed N
          bench       games and imagined cards a second on one core: --seconds N
        """

    let arguments: [String]

    func run() -> ExitCode {
        guard let name = arguments.first, let flags = NommieFlags(arguments.dropFirst()),
            let code = run(name, flags)
        else {
            Program.complain(NommieCommand.usage)
            return .usage
        }
        return code
    }

    /// Nothing for a command or a flag that is not there.
    private func run(_ name: String, _ flags: NommieFlags) -> ExitCode? {
        switch name {
        case "play": play(flags)
        case "tournament": tournament(flags)
        case "budgets": budgets(flags)
        case "export": export(flags)
        case "prove": prove(flags)
        case "bench": bench(flags)
        default: nil
        }
    }

    private func play(_ flags: NommieFlags) -> ExitCode? {
        guard flags.are(["seed", "seat", "against"], switches: ["plain"]),
            let opponent = opponents[flags["against"] ?? "strategic"],
            let seat = flags.number("seat", 0, 0...3),
            let seed = flags.number("seed", Int(UInt64.random(in: 0..<1 << 62)), 0...Int.max)
        else { return nil }
        let clears = isatty(STDOUT_FILENO) == 1 && !flags.has("plain")
        var game = TerminalGame(
            seed: UInt64(seed), seat: Seat(seat), opponent: opponent, clears: clears,
            read: { readLine() },
            write: {
                print($0, terminator: "")
                fflush(nil)
            })
        game.play()
        return .success
    }

    private func tournament(_ flags: NommieFlags) -> ExitCode? {
        guard flags.are(["games", "nodes", "seed"]), let games = flags.number("games", 60, 2...1_000_000),
            let nodes = flags.number("nodes", 20_000, 1...100_000_000), let seed = flags.number("seed", 1, 0...Int.max)
        else { return nil }
        return Tournament(games: games, nodes: nodes, seed: UInt64(seed)).run() ? .success : .unhealthy
    }

    private func budgets(_ flags: NommieFlags) -> ExitCode? {
        guard flags.are(["deals", "nodes", "seed"]), let deals = flags.number("deals", 50, 1...1_000_000),
            let budgets = flags.numbers("nodes", BudgetComparison.usualBudgets, 1...100_000_000), budgets.count == 4,
            let seed = flags.number("seed", 1, 0...Int.max)
        else { return nil }
        BudgetComparison(budgets: budgets, deals: deals, seed: UInt64(seed)).run()
        return .success
    }

    private func export(_ flags: NommieFlags) -> ExitCode? {
        guard flags.are(["games", "seed"]), let games = flags.number("games", 1000, 0...1_000_000),
            let seed = flags.number("seed", 1, 0...Int.max)
        else { return nil }
        for index in 0..<games { print(GameRecord(seed: UInt64(seed) &+ UInt64(index)).line) }
        return .success
    }

    private func prove(_ flags: NommieFlags) -> ExitCode? {
        guard flags.are(["games", "seed"]), let games = flags.number("games", 100_000, 1...100_000_000),
            let first = flags.number("seed", 1, 0...Int.max)
        else { return nil }
        for index in 0..<games {
            let seed = UInt64(first) &+ UInt64(index)
            var proof = GameProof(seed: seed)
            if let broken = proof.run() {
                Program.complain("game \(seed): \(broken)")
                return .unhealthy
            }
        }
        print("\(games) games, and everything held")
        return .success
    }

    private func bench(_ flags: NommieFlags) -> ExitCode? {
        guard flags.are(["seconds"]), let seconds = flags.number("seconds", 3, 1...600) else { return nil }
        NommieBench(seconds: seconds).run()
        return .success
    }

    private var opponents: [String: Player] {
        ["random": .random, "heuristic": .heuristic, "strategic": .strategic(nodes: Player.standardNodes)]
    }
}

/// Flags such as `--games 100` and `--plain`.
struct NommieFlags {
    private var values: [String: String] = [:]

    init?(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let name = rest.popFirst() {
            guard name.hasPrefix("--") else { return nil }
            if let next = rest.first, !next.hasPrefix("--") {
                values[String(name.dropFirst(2))] = next
                rest.removeFirst()
            } else {
                values[String(name.dropFirst(2))] = ""
            }
        }
    }

    subscript(name: String) -> String? { values[name] }

    func has(_ name: String) -> Bool { values[name] == "" }

    func are(_ names: Set<String>, switches: Set<String> = []) -> Bool {
        values.allSatisfy { switches.contains($0) ? $1.isEmpty : names.contains($0) && !$1.isEmpty }
    }

    /// The flag's number; `standard` without the flag; nil if its value is not a number in the range.
    func number(_ name: String, _ standard: Int, _ range: ClosedRange<Int>) -> Int? {
        guard let text = values[name] else { return standard }
        guard let number = Int(text), range.contains(number) else { return nil }
        return number
    }

    /// The flag's numbers, separated by commas; as `number` otherwise.
    func numbers(_ name: String, _ standard: [Int], _ range: ClosedRange<Int>) -> [Int]? {
        guard let text = values[name] else { return standard }
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        return numbers.allSatisfy(range.contains) ? numbers : nil
    }
}

extension Card {
    /// Such as `AS` and `TD`.
    var name: String { String(decoding: [rankLetter, suit.letter], as: UTF8.self) }
}
