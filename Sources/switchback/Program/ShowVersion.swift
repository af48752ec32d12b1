import ArgumentParser

/// The version of the program; changed when a release is cut.
enum BuildVersion {
    static let version = "0.1.0"
}

/// `version`
struct ShowVersion: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version, its commit and the Swift version that built it."
    )

    func run() {
        Terminal.output.line("VERSION=\(BuildVersion.version)")
        Terminal.output.line("GIT_COMMIT_HASH=\(BuildRecord.commit)")
        Terminal.output.line("LAST_COMMIT_DATE=\(BuildRecord.commitDate)")
        Terminal.output.line("SWIFT_VERSION=\(BuildRecord.swiftVersion)")
    }
}
