import ArgumentParser
import Engine

/// `set apply mode`: how changes are applied from the next level point on, also while they stream.
struct SetApplyMode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mode",
        abstract: "Apply whole transactions in one channel, or several channels in parallel.")

    @OptionGroup var global: GlobalFlags
    @Argument(help: "transactional or parallel.") var mode: ApplyModeName
    @Option(help: "How many channels apply at once, with parallel.") var parallelJobs: Int?

    mutating func validate() throws {
        if mode == .transactional, parallelJobs != nil {
            throw ValidationError("--parallel-jobs goes with parallel only")
        }
        try checkChannels(mode, parallelJobs)
    }

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        try start.choose(mode, channels: parallelJobs)
    }
}

/// Refuses a number of channels that cannot be.
func checkChannels(_ mode: ApplyModeName?, _ channels: Int?) throws {
    guard mode == .parallel, let channels, !(1...ApplyMode.channelsMax).contains(channels) else { return }
    throw ValidationError(
        "--parallel-jobs \(channels) is out of bounds; give 1 to \(ApplyMode.channelsMax) channels")
}

extension VerbStart {
    /// Keeps the mode for apply; what was not said stays as it is.
    func choose(_ name: ApplyModeName?, channels: Int?) throws {
        let mode: ApplyMode
        let chosen = try migration.status().applyMode
        switch name {
        case nil: return
        case .transactional: mode = .transactional
        case .parallel:
            let kept = chosen == .transactional ? ApplyMode.channelsDefault : chosen.channels
            mode = .parallel(channels: channels ?? kept)
        }
        // The same command line run again changes nothing.
        if mode != chosen { _ = try migration.leave(.setApplyMode(mode), by: operatorName) }
        let line = "changes are applied \(mode)"
        log.notice("\(line)")
        Terminal.output.line(line)
    }
}
