import Engine
import Support

/// The plan of a run, which depends only on its seed; a repeated run differs only in its timing.
struct SimulationPlan {
    let writers: Int
    let jobs: Int
    /// Whether the two roles run as verbs in two processes, with the snapshot in files.
    let usesVerbs: Bool
    /// The apply mode at the start.
    let applyMode: ApplyMode
    /// Whether both servers stream transactions before their commit, and the application writes larger ones.
    let streamsOpenTransactions: Bool
    let snapshotFaults: Int
    let streamFaults: Int
    /// Nil if the run ends with the stream.
    let cutover: Cutover?

    struct Cutover {
        let faults: Int
        let fallBackFaults: Int
        /// Whether it is aborted once, at any step.
        let aborts: Bool
        /// Whether the application returns to the source in the end.
        let returns: Bool
        let awaitsApproval: Bool
    }

    init(_ random: inout Randomness) {
        writers = 2 + random.below(3)
        jobs = 1 + random.below(3)
        snapshotFaults = random.below(3)
        streamFaults = 2 + random.below(4)
        let cutsOver = random.below(2) == 0
        let (faults, fallBackFaults) = (random.below(4), 1 + random.below(3))
        let (returns, awaitsApproval) = (random.below(2) == 0, random.below(3) == 0)
        usesVerbs = random.below(3) == 0
        let cutover = Cutover(
            faults: faults, fallBackFaults: fallBackFaults, aborts: random.below(4) == 0, returns: returns,
            awaitsApproval: awaitsApproval)
        self.cutover = cutsOver ? cutover : nil
        applyMode = Self.someMode(&random)
        streamsOpenTransactions = random.below(2) == 0
    }

    static func someMode(_ random: inout Randomness) -> ApplyMode {
        random.below(3) == 0 ? .transactional : .parallel(channels: 2 + random.below(5))
    }

    var description: String {
        let course = cutover.map {
            ", \($0.faults) in a cutover\($0.aborts ? " that is aborted once" : ""), \($0.fallBackFaults) "
                + "in the fall-back"
                + ($0.returns ? ", and home" : "")
        }
        return
            "\(writers) writers, \(jobs) jobs, \(usesVerbs ? "verbs" : "worker"), \(applyMode), "
            + "\(streamsOpenTransactions ? "streamed early, " : "")faults: \(snapshotFaults) in the "
            + "snapshot, \(streamFaults) in the stream\(course ?? "")"
    }
}
