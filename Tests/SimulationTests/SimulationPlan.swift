import Support

/// What a run does, chosen by its seed alone; only the clock differs when it is run again.
struct SimulationPlan {
    let writers: Int
    let jobs: Int
    let snapshotFaults: Int
    let streamFaults: Int
    /// Nil where the run ends with the stream.
    let cutover: Cutover?

    struct Cutover {
        let faults: Int
        let fallBackFaults: Int
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
        let cutover = Cutover(
            faults: random.below(4), fallBackFaults: 1 + random.below(3), returns: random.below(2) == 0,
            holds: random.below(3) == 0)
        self.cutover = cutsOver ? cutover : nil
    }

    var description: String {
        "\(writers) writers, \(jobs) jobs, faults: \(snapshotFaults) in the snapshot, \(streamFaults) in the stream"
            + (cutover.map {
                ", \($0.faults) in a cutover, \($0.fallBackFaults) in the fall-back"
                    + ($0.returns ? ", and home" : "")
            } ?? "")
    }
}
