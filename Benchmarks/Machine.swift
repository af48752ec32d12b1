import Demo
import Foundation

/// The machine and the commit of a run.
enum Machine {
    static var description: String {
        let processor = lines("/proc/cpuinfo").first { $0.hasPrefix("model name") }?.split(separator: ":")
            .last
            .map { $0.trimmingCharacters(in: .whitespaces) }
        let memory = ProcessInfo.processInfo.physicalMemory >> 30
        let kernel = lines("/proc/sys/kernel/osrelease").first ?? "?"
        return
            "\(ProcessInfo.processInfo.processorCount) × \(processor ?? "unknown processor"), \(memory) GiB, "
            + "Linux \(kernel)"
    }

    /// Returns the commit of the current checkout, with a plus if files differ from it.
    static var commit: String {
        let output = NSTemporaryDirectory() + "switchback-bench-commit-" + UUID().uuidString
        // A file in the temporary directory does no harm.
        defer { try? FileManager.default.removeItem(atPath: output) }
        let directory = FileManager.default.currentDirectoryPath
        // Without git the commit is unknown.
        let status = try? SpawnedProgram(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=10", "--exclude", "*"], in: directory,
            output: output, errors: "/dev/null"
        ).wait()
        guard status == 0 else { return "unknown" }
        return lines(output).first ?? "unknown"
    }

    private static func lines(_ path: String) -> [String] {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }
}
