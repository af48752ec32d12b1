/// One drain of a backlog.
struct Drain: Codable {
    /// From the start of the processes, or the enabling of the subscription, to the last change visible.
    var seconds: Double
    /// Of the processes between the servers, where there are any.
    var engineCPUSeconds = 0.0
    var originCPUSeconds = 0.0
    var destinationCPUSeconds = 0.0
    var capturePeakBytes = 0
    var applyPeakBytes = 0

    var serversCPUSeconds: Double { originCPUSeconds + destinationCPUSeconds }
}

struct WorkloadResult: Codable {
    var name: String
    var summary: String
    /// How many row changes one backlog holds.
    var changes: Int
    var ours: [Drain] = []
    var native: [Drain] = []
    var limit: [Drain] = []
    /// Why a column is empty.
    var notes: [String] = []
}

/// From a commit's answer on the one side to its row being visible on the other.
struct LatencyResult: Codable {
    struct Series: Codable {
        var commits: Int
        var p50Milliseconds: Double
        var p99Milliseconds: Double
        var maxMilliseconds: Double
        /// The longest a row was visible before the reader looked again, at the 99th percentile of all looks.
        var ownErrorP99Milliseconds: Double
        var commitsPerSecond: Double
    }

    var ours: Series
    var native: Series
}

/// A whole database taken over, in seconds.
struct SnapshotResult: Codable {
    var summary: String
    var databaseBytes: Int
    var ours: [Double] = []
    /// Empty where it is not installed.
    var pgcopydb: [Double] = []
    var limit: [Double] = []
    var notes: [String] = []
}

struct BenchReport: Codable {
    var date: String
    var commit: String
    var machine: String
    var serverVersion: String
    var durability: Durability
    /// How all of them reach the servers.
    var transport: String
    /// How many channels the program applied by; nil in reports that do not say, which had one.
    var channels: Int?
    var settings: [String: String]
    var scale: Double
    var workloads: [WorkloadResult] = []
    var latency: LatencyResult?
    var snapshot: SnapshotResult?

    /// The keys of earlier reports.
    private enum CodingKeys: String, CodingKey {
        case date, commit, machine, serverVersion, durability, transport
        case channels = "lanes"
        case settings, scale, workloads, latency, snapshot
    }
}

func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
