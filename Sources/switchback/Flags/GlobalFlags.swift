import ArgumentParser
import Foundation

/// The flags of every verb. In yb-voyager some verbs lack some of them; no script is harmed when all verbs
/// have all.
struct GlobalFlags: ParsableArguments {
    @Option(
        name: [.customShort("e", allowingJoined: true), .long],
        help: "The export directory of the migration; it must exist.")
    var exportDir: String?

    @Option(
        name: [.customShort("c", allowingJoined: true), .long], help: "A YAML file with values for flags.")
    var configFile: String?

    @Option(name: [.customShort("l", allowingJoined: true), .long], help: "The level of the log file.")
    var logLevel = LogLevel.info

    @Flag(name: [.customShort("y"), .long], help: "Answer yes to every question.")
    var yes = false

    @Option(help: .hidden) var sendDiagnostics: ValuedBoolean?
    @Option(help: .hidden) var profile: ValuedBoolean?

    mutating func validate() throws {
        try requireFlags([("export-dir", exportDir?.isEmpty == false)])
    }

    /// Returns the export directory as an absolute path; throws if it is not a directory.
    func exportDirectory() throws -> String {
        try absoluteDirectory(exportDir ?? "", flag: "export-dir")
    }
}

/// Returns the absolute path of a directory that exists; throws if there is none.
func absoluteDirectory(_ path: String, flag: String) throws -> String {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    var isDirectory: ObjCBool = false
    // Sound: the pointer lives for this call only.
    guard unsafe FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
        throw VerbFailure("--\(flag) \"\(path)\" does not exist; create the directory first")
    }
    guard isDirectory.boolValue else {
        throw VerbFailure("--\(flag) \"\(path)\" is a file; give a directory")
    }
    return url.path
}
