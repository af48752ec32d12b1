import ArgumentParser
import Foundation

/// The flags every verb takes. yb-voyager leaves some of them out of some verbs; a script loses nothing when all
/// verbs take all of them.
struct GlobalFlags: ParsableArguments {
    @Option(
        name: [.customShort("e", allowingJoined: true), .long],
        help: "The directory that holds the migration; it must exist.")
    var exportDir: String?

    @Option(
        name: [.customShort("c", allowingJoined: true), .long], help: "A YAML file with values for flags.")
    var configFile: String?

    @Option(name: [.customShort("l", allowingJoined: true), .long], help: "How much the log file says.")
    var logLevel = LogLevel.info

    @Flag(name: [.customShort("y"), .long], help: "Answer yes to every question.")
    var yes = false

    @Option(help: .hidden) var sendDiagnostics: ValuedBoolean?
    @Option(help: .hidden) var profile: ValuedBoolean?

    mutating func validate() throws {
        try requireFlags([("export-dir", exportDir?.isEmpty == false)])
    }

    /// The export directory as an absolute path, after a look that it is one.
    func exportDirectory() throws -> String {
        try absoluteDirectory(exportDir ?? "", flag: "export-dir")
    }
}

/// An existing directory's absolute path.
func absoluteDirectory(_ path: String, flag: String) throws -> String {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    var isDirectory: ObjCBool = false
    // The pointer lives for this one call only.
    guard unsafe FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
        throw VerbFailure("--\(flag) \"\(path)\" does not exist; create the directory first")
    }
    guard isDirectory.boolValue else {
        throw VerbFailure("--\(flag) \"\(path)\" is a file; a directory is wanted")
    }
    return url.path
}
