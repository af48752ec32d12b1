import ArgumentParser
import Engine

/// `set apply mode`: changes how apply works, also while changes stream. The new mode begins when all
/// channels are level.
struct SetApplyMode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mode",
        abstract: "Apply whole transactions in one channel, or several channels in parallel.")

    @OptionGroup var global: GlobalFlags
    @Argument(help: "transactional or parallel.") var mode: ApplyModeName
    @Option(help: "How many channels apply at once, with parallel.") var parallelJobs: Int?

    mutating func validate() throws {
        if mode == .transactional, parallelJobs != nil {
            throw ValidationError("--parallel-jobs needs parallel")
        }
        try checkChannels(mode, parallelJobs)
    }

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        try start.choose(mode, channels: parallelJobs)
    }
}

/// Refuses a number of channels that is out of bounds.
func checkChannels(_ mode: ApplyModeName?, _ channels: Int?) throws {
    guard mode == .parallel, let channels, !(1...ApplyMode.channelsMax).contains(channels) else { return }
    throw ValidationError(
        "--parallel-jobs \(channels) is out of bounds; give 1 to \(ApplyMode.channelsMax) channels")
}

extension VerbStart {
    /// Stores the mode of apply. Without a name it stays, and without a number the channels stay.
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
        // A repeated command line changes nothing.
        if mode != chosen { _ = try migration.leave(.setApplyMode(mode), by: operatorName) }
        let line = "changes are applied \(mode)"
        log.notice("\(line)")
        Terminal.output.line(line)
    }
}
