import ArgumentParser

/// What is built here; set when a release is cut.
enum BuildVersion {
    static let version = "0.1.0"
    static let gitCommitHash = "unknown"
    static let lastCommitDate = "unknown"
}

/// `version`
struct ShowVersion: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() {
        Terminal.output.line("VERSION=\(BuildVersion.version)")
        Terminal.output.line("GIT_COMMIT_HASH=\(BuildVersion.gitCommitHash)")
        Terminal.output.line("LAST_COMMIT_DATE=\(BuildVersion.lastCommitDate)")
    }
}
