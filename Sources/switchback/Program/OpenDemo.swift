import ArgumentParser

/// `demo`: two servers of its own, a shop that is written to, and a migration between them.
struct OpenDemo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Show a whole migration on two throw-away servers.")

    @Flag(help: "No console: print what happens and compare both databases at the end.") var headless = false
    @Option(help: "Transactions a second.") var rate = 200
    @Option(help: "Rows to begin with.") var rows = 200_000
    @Option(help: "How long the changes of a headless demo stream, both ways together.") var seconds = 20
    @Option(help: "Where the servers and the export directory are put.") var dir: String?
    @Flag(help: "Leave everything in place at the end.") var keep = false
    @Option(help: "How many times a process is killed on the way.") var chaos = 0
    @Option(help: "The colours.") var theme: String?

    mutating func validate() throws {
        for (name, value) in [("rate", rate), ("rows", rows), ("seconds", seconds)] where value < 1 {
            throw ValidationError("--\(name) \(value) is too few; give 1 or more")
        }
        if chaos < 0 { throw ValidationError("--chaos \(chaos) is too few; give 0 or more") }
    }

    func run() async throws { try await ConsoleAndDemo.demo(self) }
}
