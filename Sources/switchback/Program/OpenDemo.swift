import ArgumentParser

/// `demo`: runs a migration between two servers of its own while an application writes to a shop's database.
struct OpenDemo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Show a whole migration on two temporary servers.")

    @Flag(help: "No console: print the progress and compare both databases at the end.") var headless = false
    @Option(help: "Transactions per second.") var rate = 200
    @Option(help: "Rows at the start.") var rows = 200_000
    @Option(help: "With --headless: seconds of streaming, both directions together.") var seconds = 20
    @Option(help: "The directory for the servers and the export directory.") var dir: String?
    @Flag(help: "Keep everything at the end.") var keep = false
    @Option(help: "How many times a process is killed.") var chaos = 0
    @Option(
        help:
            "The colours: terminal, dark, light, high-contrast, colorblind, mono, or a theme file's name.")
    var theme: String?

    mutating func validate() throws {
        for (name, value) in [("rate", rate), ("rows", rows), ("seconds", seconds)] where value < 1 {
            throw ValidationError("--\(name) \(value) is too few; give 1 or more")
        }
        if chaos < 0 { throw ValidationError("--chaos \(chaos) is too few; give 0 or more") }
    }

    func run() async throws { try await ConsoleAndDemo.demo(self) }
}
