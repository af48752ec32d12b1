import Engine
import Support

/// What a run does, chosen by its seed alone; only the clock differs when it is run again.
struct SimulationPlan {
    let writers: Int
    let jobs: Int
    /// Whether the two roles run as verbs, each a process, with the snapshot in files between them.
    let usesVerbs: Bool
    /// How changes are applied in the beginning.
    let applyMode: ApplyMode
    /// Whether both servers stream transactions before their commit at once, and the application writes larger ones.
    let streamsOpenTransactions: Bool
    let snapshotFaults: Int
    let streamFaults: Int
    /// Nil where the run ends with the stream.
    let cutover: Cutover?

    struct Cutover {
        let faults: Int
        let fallBackFaults: Int
        /// Whether it is taken back once, at whatever step it is by then.
        let aborts: Bool
        /// Whether the application comes home in the end.
        let returns: Bool
        let holds: Bool
    }

    init(_ random: inout Randomness) {
        writers = 2 + random.below(3)
        jobs = 1 + random.below(3)
        snapshotFaults = random.below(3)
        streamFaults = 2 + random.below(4)
        let cutsOver = random.below(2) == 0
        let (faults, fallBackFaults) = (random.below(4), 1 + random.below(3))
        let (returns, holds) = (random.below(2) == 0, random.below(3) == 0)
        usesVerbs = random.below(3) == 0
        let cutover = Cutover(
            faults: faults, fallBackFaults: fallBackFaults, aborts: random.below(4) == 0, returns: returns,
            holds: holds)
        self.cutover = cutsOver ? cutover : nil
        applyMode = Self.someMode(&random)
        streamsOpenTransactions = random.below(2) == 0
    }

    static func someMode(_ random: inout Randomness) -> ApplyMode {
        random.below(3) == 0 ? .transactional : .parallel(channels: 2 + random.below(5))
    }

    var description: String {
        let course = cutover.map {
            ", \($0.faults) in a cutover\($0.aborts ? " that is taken back once" : ""), \($0.fallBackFaults) in the fall-back"
                + ($0.returns ? ", and home" : "")
        }
        return
            "\(writers) writers, \(jobs) jobs, \(usesVerbs ? "verbs" : "worker"), \(applyMode), "
            + "\(streamsOpenTransactions ? "streamed early, " : "")faults: \(snapshotFaults) in the "
            + "snapshot, \(streamFaults) in the stream\(course ?? "")"
    }
}
