import Foundation
import Glibc
import Support

/// Measures the console on a pseudo-terminal, with a simulated migration: `make bench-console`. Each figure
/// is the median of several runs, and one line is printed for each size of the terminal.
@main
struct ConsoleBench {
    private static let sizes = [(rows: 24, columns: 80), (rows: 36, columns: 120), (rows: 50, columns: 200)]
    private static let starts = 15
    private static let keys = 60
    private static let steadySeconds = 10.0

    static func main() throws {
        let head = [
            "Terminal", "Tables", "First frame, ms", "First frame, bytes", "Key to repaint, ms", "p99 ms",
            "Bytes/s", "CPU %", "RSS MB",
        ]
        print("| " + head.joined(separator: " | ") + " |")
        print("|---" + String(repeating: "|--:", count: head.count - 1) + "|")
        for (size, tables) in sizes.map({ ($0, 3) }) + [(sizes[1], 5000)] {
            let course = ConsoleCourse(
                rows: size.rows, columns: size.columns, scene: tables == 3 ? "streaming" : "streaming-wide")
            let first = try (0..<starts).map { _ in try course.firstFrame() }
            let repaints = try course.repaints(keys)
            let steady = try course.steady(seconds: steadySeconds)
            print(
                "| \(size.columns)x\(size.rows) | \(tables) "
                    + "| \(number(median(first.map(\.milliseconds)), 1)) "
                    + "| \(Int(median(first.map { Double($0.bytes) }))) | \(number(median(repaints), 2)) "
                    + "| \(number(repaints.sorted()[repaints.count * 99 / 100], 2)) "
                    + "| \(number(steady.bytesPerSecond, 0)) | \(number(steady.processorPercent, 2)) "
                    + "| \(number(steady.megabytes, 1)) |")
        }
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static func number(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}

/// The measurements on a terminal of one size.
struct ConsoleCourse {
    let rows: Int
    let columns: Int
    /// The scene of the simulated migration.
    let scene: String

    /// What a console costs that nobody touches.
    struct Steady {
        let bytesPerSecond: Double
        let processorPercent: Double
        let megabytes: Double
    }

    /// Returns the time from the start of the program until its first frame, and the frame's size.
    func firstFrame() throws -> (milliseconds: Double, bytes: Int) {
        let clock = ContinuousClock()
        let start = clock.now
        let console = try open()
        let time = milliseconds(clock.now - start)
        // The rest of the frame.
        _ = console.bytesWritten(withinMilliseconds: 50)
        let bytes = console.bytesReceived
        console.send("q")
        _ = try console.waitForEnd()
        return (time, bytes)
    }

    /// Returns the times from a key until its page is there. Two pages take turns.
    func repaints(_ count: Int) throws -> [Double] {
        let console = try open()
        let clock = ContinuousClock()
        let times = try (0..<count).map { index in
            let (key, sign) = index % 2 == 0 ? ("2", "sort: ") : ("1", "Export from source")
            let start = clock.now
            console.send(key)
            try console.waitFor(sign)
            return milliseconds(clock.now - start)
        }
        console.send("q")
        _ = try console.waitForEnd()
        return times
    }

    /// Measures a console while the numbers of the migration move.
    func steady(seconds: Double) throws -> Steady {
        let console = try open()
        // The start is over.
        _ = console.bytesWritten(withinMilliseconds: 1000)
        let before = ProcessTime.seconds(of: console.processID)
        let bytes = console.bytesWritten(withinMilliseconds: Int(seconds * 1000))
        let used = ProcessTime.seconds(of: console.processID) - before
        let peak = ProcessTime.residentMegabytes(of: console.processID)
        console.send("q")
        _ = try console.waitForEnd()
        return Steady(
            bytesPerSecond: Double(bytes) / seconds, processorPercent: used / seconds * 100, megabytes: peak)
    }

    private func open() throws -> PseudoTerminal {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let probe = URL(filePath: own).deletingLastPathComponent().appending(path: "consoleprobe").path()
        let console = try PseudoTerminal(
            executable: probe, arguments: [scene], rows: rows, columns: columns)
        try console.waitFor("Export from source")
        return console
    }

    private func milliseconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) * 1000 + Double(duration.components.attoseconds) / 1e15
    }
}

/// What a process has used so far, from `/proc`.
enum ProcessTime {
    /// The user and system time of its threads, to the nanosecond: a clock tick is too long for a console.
    static func seconds(of processID: Int32) -> Double {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/task")) ?? []
        return threads.reduce(0) { sum, thread in
            let fields = text("/proc/\(processID)/task/\(thread)/schedstat").split(separator: " ")
            return sum + (fields.first.flatMap { Double($0) } ?? 0) / 1e9
        }
    }

    static func residentMegabytes(of processID: Int32) -> Double {
        let line = text("/proc/\(processID)/status").split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1024
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
