import Demo
import Glibc

/// Whether the servers wait for their disks. Without the wait the figures show the cost of the programs; with
/// it they show what an operator gets.
enum Durability: String, Codable, CaseIterable {
    case off
    case `default`
}

/// The state of the caches before a drain. Warm: a workload's tables are in the destination's cache, and
/// everything is written to disk. Cold: the servers are as their start and the work before left them.
enum Caches {
    case warm, cold
}

/// Source and target: two temporary servers that end with this process, however it ends.
struct ServerPair {
    let source: ThrowAwayCluster
    let target: ThrowAwayCluster
    let caches: Caches

    static func settings(_ durability: Durability, _ caches: Caches) -> [String: String] {
        var settings = [
            "wal_level": "logical", "max_wal_senders": "20", "max_replication_slots": "20",
            "max_worker_processes": "16", "max_wal_size": "16GB",
            // Warm: enough for the two copies of the largest workload on the destination.
            "shared_buffers": caches == .warm ? "3GB" : "1GB",
            "checkpoint_timeout": "30min",
            // An enabled subscription starts at once, not up to five seconds later.
            "wal_retrieve_retry_interval": "100ms",
        ]
        let value = durability == .off ? "off" : "on"
        for name in ["fsync", "synchronous_commit", "full_page_writes"] { settings[name] = value }
        return settings
    }

    init(_ durability: Durability, _ caches: Caches, bySocket: Bool) throws {
        self.caches = caches
        let options = ThrowAwayCluster.Options(
            trust: true, settings: Self.settings(durability, caches), bySocket: bySocket)
        source = try ThrowAwayCluster(named: "bench-source", options: options)
        target = try ThrowAwayCluster(named: "bench-target", options: options)
    }

    /// Writes all dirty data of the servers and the kernel to disk, so that no measurement pays for an
    /// earlier one. Does nothing if the caches are cold.
    func settle() throws {
        guard caches == .warm else { return }
        for cluster in [source, target] { try Database(cluster: cluster, name: "postgres").run("checkpoint") }
        sync()
    }

    func remove() {
        source.remove()
        target.remove()
    }
}
