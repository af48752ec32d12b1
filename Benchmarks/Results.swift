/// The figures of one drain of a backlog.
struct Drain: Codable {
    /// Seconds from the start of the processes, or the enabling of the subscription, until the last change is
    /// visible.
    var seconds: Double
    /// CPU seconds of the processes between the servers, if there are any.
    var engineCPUSeconds = 0.0
    var originCPUSeconds = 0.0
    var destinationCPUSeconds = 0.0
    var capturePeakBytes = 0
    var applyPeakBytes = 0

    var serversCPUSeconds: Double { originCPUSeconds + destinationCPUSeconds }
}

/// The figures of one workload.
struct WorkloadResult: Codable {
    var name: String
    var summary: String
    /// The number of row changes in one backlog.
    var changes: Int
    var ours: [Drain] = []
    var native: [Drain] = []
    var limit: [Drain] = []
    /// The reasons for empty columns.
    var notes: [String] = []
}

/// The times from a commit's acknowledgement on one side until its row is visible on the other.
struct LatencyResult: Codable {
    struct Series: Codable {
        var commits: Int
        var p50Milliseconds: Double
        var p99Milliseconds: Double
        var maxMilliseconds: Double
        /// The time between two readings, which is the method's error: the 99th percentile.
        var ownErrorP99Milliseconds: Double
        var commitsPerSecond: Double
    }

    var ours: Series
    var native: Series
}

/// The times to copy a whole database, in seconds.
struct SnapshotResult: Codable {
    var summary: String
    var databaseBytes: Int
    var ours: [Double] = []
    /// Empty if it is not installed.
    var pgcopydb: [Double] = []
    var limit: [Double] = []
    var notes: [String] = []
}

/// The results of a run, as bench.json keeps them.
struct BenchReport: Codable {
    var date: String
    var commit: String
    var machine: String
    var serverVersion: String
    var durability: Durability
    /// How the programs connect to the servers: TCP or Unix sockets.
    var transport: String
    /// The number of channels that applied; nil in older reports, which had one.
    var channels: Int?
    var settings: [String: String]
    var scale: Double
    var workloads: [WorkloadResult] = []
    var latency: LatencyResult?
    var snapshot: SnapshotResult?

    /// The keys of earlier reports, in which the channels are called lanes.
    private enum CodingKeys: String, CodingKey {
        case date, commit, machine, serverVersion, durability, transport, settings, scale, workloads, latency
        case snapshot
        case channels = "lanes"
    }
}

func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
