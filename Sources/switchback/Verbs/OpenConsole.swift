import ArgumentParser
import Engine
import Foundation

/// No verb at all: the console, on `--export-dir`, else the environment's EXPORT_DIR, else the current directory.
struct OpenConsole: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console", abstract: "Open the console; the same as no command at all.")

    @Option(
        name: [.customShort("e", allowingJoined: true), .long],
        help: "The directory that holds the migration.") var exportDir: String?
    @Option(help: "The colours.") var theme: String?
    @Flag(help: "Watch only: leave no request, start no worker.") var readOnly = false
    @Flag(help: "Host the engine in this process instead of a worker of its own.") var embedded = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let path = exportDir ?? environment["EXPORT_DIR"] ?? "."
        let directory = try absoluteDirectory(path, flag: "export-dir")
        try await Faces.console(self, directory: directory)
    }
}
