import Demo
import Glibc

/// Whether the servers wait for their disks. The first kind shows what the programs cost, the second what an
/// operator meets.
enum Durability: String, Codable, CaseIterable {
    case off
    case `default`
}

/// Source and target: two throw-away servers that are gone with this process, however it ends.
struct ServerPair {
    let source: ThrowAwayCluster
    let target: ThrowAwayCluster

    static func settings(_ durability: Durability) -> [String: String] {
        var settings = [
            "wal_level": "logical", "max_wal_senders": "20", "max_replication_slots": "20",
            "max_worker_processes": "16", "max_wal_size": "16GB",
            // Room for the two copies of the largest workload that the destination holds.
            "shared_buffers": "3GB",
            "checkpoint_timeout": "30min",
            // A subscription that is enabled begins at once, not up to five seconds later.
            "wal_retrieve_retry_interval": "100ms",
        ]
        let value = durability == .off ? "off" : "on"
        for name in ["fsync", "synchronous_commit", "full_page_writes"] { settings[name] = value }
        return settings
    }

    init(_ durability: Durability, bySocket: Bool) throws {
        let options = ThrowAwayCluster.Options(
            trust: true, settings: Self.settings(durability), bySocket: bySocket)
        source = try ThrowAwayCluster(named: "bench-source", options: options)
        target = try ThrowAwayCluster(named: "bench-target", options: options)
    }

    /// Writes out what either server and the kernel still have to write, so that no measurement pays for the one before.
    func settle() throws {
        for cluster in [source, target] { try Database(cluster: cluster, name: "postgres").run("checkpoint") }
        sync()
    }

    func remove() {
        source.remove()
        target.remove()
    }
}
