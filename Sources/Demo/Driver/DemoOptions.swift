import Foundation

/// The options of `switchback demo`.
package struct DemoOptions: Sendable {
    /// The application's transactions per second.
    package var rate: Double
    /// The approximate number of rows in the shop at the start.
    package var rows: Int
    /// Seconds in which the application's changes stream: forward, back, and after the return together.
    package var seconds: Double
    /// The directory for everything; nil for a new temporary directory.
    package var directory: String?
    /// Keep everything running at the end.
    package var keep: Bool
    /// The number of times that the worker is killed with -9.
    package var chaos: Int
    /// Run all phases to the end without a screen.
    package var headless: Bool
    /// This program, which is also started as the application.
    package var executable: String
    /// The seed of the kills and of the application; the same seed repeats their moments and transactions.
    package var seed: UInt64

    package init(
        rate: Double = 200, rows: Int = 200_000, seconds: Double = 30, directory: String? = nil,
        keep: Bool = false,
        chaos: Int = 0, headless: Bool = false, executable: String? = nil, seed: UInt64? = nil
    ) {
        self.rate = rate
        self.rows = rows
        self.seconds = seconds
        self.directory = directory
        self.keep = keep
        self.chaos = chaos
        self.headless = headless
        // The link's text, because in another process the link itself would name that process's program.
        let running = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        self.executable = executable ?? running ?? CommandLine.arguments[0]
        let given = ProcessInfo.processInfo.environment["SWITCHBACK_SEED"].flatMap(UInt64.init)
        self.seed = seed ?? given ?? UInt64.random(in: 0...999_999)
    }
}
