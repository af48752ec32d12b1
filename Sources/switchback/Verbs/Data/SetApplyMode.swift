import ArgumentParser
import Engine

/// `set apply mode`: how changes are applied from the next level point on, also while they stream.
struct SetApplyMode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mode", abstract: "Apply whole transactions in one lane, or several lanes in parallel.")

    @OptionGroup var global: GlobalFlags
    @Argument(help: "transactional or parallel.") var mode: ApplyModeName
    @Option(help: "How many lanes apply at once, with parallel.") var parallelJobs: Int?

    mutating func validate() throws {
        if mode == .transactional, parallelJobs != nil {
            throw ValidationError("--parallel-jobs goes with parallel only")
        }
        try checkLanes(mode, parallelJobs)
    }

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        try start.choose(mode, lanes: parallelJobs)
    }
}

/// Refuses a number of lanes that cannot be.
func checkLanes(_ mode: ApplyModeName?, _ lanes: Int?) throws {
    guard mode == .parallel, let lanes, !(1...ApplyMode.lanesMax).contains(lanes) else { return }
    throw ValidationError("--parallel-jobs \(lanes) is out of bounds; give 1 to \(ApplyMode.lanesMax) lanes")
}

extension VerbStart {
    /// Keeps the mode for apply; what was not said stays as it is.
    func choose(_ name: ApplyModeName?, lanes: Int?) throws {
        let mode: ApplyMode
        let chosen = try migration.status().applyMode
        switch name {
        case nil: return
        case .transactional: mode = .transactional
        case .parallel:
            let kept = chosen == .transactional ? ApplyMode.lanesDefault : chosen.lanes
            mode = .parallel(lanes: lanes ?? kept)
        }
        // The same command line run again changes nothing.
        if mode != chosen { _ = try migration.leave(.setApplyMode(mode), by: operatorName) }
        let line = "changes are applied \(mode)"
        log.notice("\(line)")
        Terminal.output.line(line)
    }
}
