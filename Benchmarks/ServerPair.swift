import Demo
import Glibc

/// Whether the servers wait for their disks. The first kind shows what the programs cost, the second what an
/// operator meets.
enum Durability: String, Codable, CaseIterable {
    case off
    case `default`
}

/// Whether what a workload touches is in the destination's cache before anybody drains, and everything written out; or
/// the servers stand as they come up and were left by the work before.
enum Caches {
    case warm, cold
}

/// Source and target: two throw-away servers that are gone with this process, however it ends.
struct ServerPair {
    let source: ThrowAwayCluster
    let target: ThrowAwayCluster
    let caches: Caches

    static func settings(_ durability: Durability, _ caches: Caches) -> [String: String] {
        var settings = [
            "wal_level": "logical", "max_wal_senders": "20", "max_replication_slots": "20",
            "max_worker_processes": "16", "max_wal_size": "16GB",
            // Warm: room for the two copies of the largest workload that the destination holds.
            "shared_buffers": caches == .warm ? "3GB" : "1GB",
            "checkpoint_timeout": "30min",
            // A subscription that is enabled begins at once, not up to five seconds later.
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

    /// Writes out what either server and the kernel still have to write, so that no measurement pays for the one before;
    /// nothing where the caches are cold.
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
