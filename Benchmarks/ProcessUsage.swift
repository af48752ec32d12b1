import Demo
import Foundation
import Glibc

/// The resource use of a process, from `/proc`.
enum ProcessUsage {
    struct Times {
        let parent: Int32
        /// It has ended, but its parent has not waited for it yet.
        let isZombie: Bool
        /// Its own user and system time, in clock ticks.
        let ownTicks: Int
        /// The user and system time of its children that were waited for, in clock ticks.
        let childrenTicks: Int
    }

    static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

    /// Nil if there is no such process.
    static func times(_ processID: Int32) -> Times? {
        guard let line = text("/proc/\(processID)/stat"), let name = line.lastIndex(of: ")") else {
            return nil
        }
        // The name may contain spaces and brackets; field 3 follows its last bracket (man 5 proc).
        let fields = line[line.index(after: name)...].split(separator: " ")
        func number(_ field: Int) -> Int { Int(fields[field - 3]) ?? 0 }
        return Times(
            parent: Int32(number(4)), isZombie: fields.first == "Z", ownTicks: number(14) + number(15),
            childrenTicks: number(16) + number(17))
    }

    static func cpuSeconds(_ processID: Int32) -> Double {
        Double(times(processID)?.ownTicks ?? 0) / ticksPerSecond
    }

    /// The highest resident memory (`VmHWM`), in bytes.
    static func peakBytes(_ processID: Int32) -> Int {
        guard let status = text("/proc/\(processID)/status"),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return 0 }
        return (Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0) << 10
    }

    /// Returns the CPU seconds of a server since its start: of the postmaster, of its processes now, and of
    /// those that have ended. All processes are children of the postmaster, which waits for each.
    static func serverCPUSeconds(_ cluster: ThrowAwayCluster, without excluded: Int32? = nil) throws -> Double
    {
        let file = text(cluster.dataDirectory + "/postmaster.pid")
        guard let postmaster = file?.split(separator: "\n").first.flatMap({ Int32($0) }) else {
            throw BenchError("the server in \(cluster.directory) does not run")
        }
        while true {
            guard let before = times(postmaster) else { throw BenchError("the server has ended") }
            var ticks = before.ownTicks + before.childrenTicks
            for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
                guard let processID = Int32(entry), processID != excluded, let child = times(processID),
                    child.parent == postmaster
                else { continue }
                ticks += child.ownTicks + child.childrenTicks
            }
            // A child that ended during the reading may be counted twice or not at all.
            guard times(postmaster)?.childrenTicks == before.childrenTicks else { continue }
            return Double(ticks) / ticksPerSecond
        }
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
