import Foundation

/// What `switchback demo` takes.
package struct DemoOptions: Sendable {
    /// The application's transactions a second.
    package var rate: Double
    /// About how many rows the shop is loaded with.
    package var rows: Int
    /// How long the application's changes stream, both ways and after the return together.
    package var seconds: Double
    /// Where everything lies; a new temporary directory where nil.
    package var directory: String?
    /// Leave everything up at the end.
    package var keep: Bool
    /// How often the worker is killed with -9.
    package var chaos: Int
    /// Run all phases to the end without a screen.
    package var headless: Bool
    /// This program, which is started again as the application.
    package var executable: String
    /// For the chaos and the application; the same seed gives the same moments and transactions.
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
        // The link's text, as the link itself is another program's once that runs.
        let running = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        self.executable = executable ?? running ?? CommandLine.arguments[0]
        let given = ProcessInfo.processInfo.environment["SWITCHBACK_SEED"].flatMap(UInt64.init)
        self.seed = seed ?? given ?? UInt64.random(in: 0...999_999)
    }
}
