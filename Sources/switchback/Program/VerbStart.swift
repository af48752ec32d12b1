import Engine
import Foundation
import Logging

/// The start of a verb: it finds the export directory, opens the migration, starts the log and prints where
/// it works.
struct VerbStart {
    /// The choice whether a verb may begin a migration.
    enum Opening {
        /// The migration must have begun.
        case existing
        /// A migration may begin here.
        case creating
    }

    let verb: Verb
    let exportDirectory: String
    let migration: Migration
    let log: Logger

    /// - Parameters:
    ///   - isQuiet: for verbs whose output scripts read: prints no line here.
    ///   - secrets: passwords from flags, which are never logged.
    init(
        _ opening: Opening, flags: GlobalFlags, isQuiet: Bool = false, secrets: [String?] = []
    ) throws {
        let invocation = Invocation.current
        verb = invocation.verb
        exportDirectory = try flags.exportDirectory()
        migration =
            switch opening {
            case .existing: try Migration(existing: exportDirectory)
            case .creating: try Migration(creating: exportDirectory)
            }
        let environment = ProcessInfo.processInfo.environment
        log = try VerbLog.start(
            verb: verb, exportDirectory: exportDirectory, level: flags.logLevel,
            secrets: SecretWords(
                secrets + [environment["SOURCE_DB_PASSWORD"], environment["TARGET_DB_PASSWORD"]]))
        log.info("\(invocation.commandLine)")
        for note in invocation.notes { log.notice("\(note)") }
        guard !isQuiet else { return }
        if let path = invocation.configFile { Terminal.output.line("Using config file: \(path)") }
        Terminal.output.line("Using export-dir: \(exportDirectory)")
        let uuid = try migration.status().migrationUUID
        if !uuid.isEmpty { Terminal.output.line(Terminal.output.coloured("migrationID: \(uuid)", .cyan)) }
        for note in invocation.notes { Terminal.output.line(Terminal.output.coloured(note, .yellow)) }
    }

    /// The name of the operator in the audit log of requests.
    var operatorName: String { operatorIdentity(program: verb.rawValue) }

    /// Prints and logs a note.
    func notice(_ text: String?) {
        guard let text else { return }
        log.notice("\(text)")
        Terminal.output.line(Terminal.output.coloured(text, .yellow))
    }

    /// Stores the source's connection from the flags; the stored target stays.
    func keepSource(_ form: ConnectionForm, schemas: [String]) throws {
        try migration.changeDatabases {
            $0.source = form
            $0.schemas = schemas
        }
    }

    /// Stores the target's connection from the flags; the stored source stays.
    func keepTarget(_ form: ConnectionForm) throws {
        try migration.changeDatabases { $0.target = form }
    }
}

/// Returns `user@host program`, the name of the operator in the journal.
func operatorIdentity(program: String) -> String { "\(NSUserName())@\(hostName()) \(program)" }

/// Returns the name of this host; `?` if the system does not tell it.
func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    // Sound: the call writes at most 255 bytes into a local buffer of 256, so the last byte stays zero.
    let hasName = unsafe gethostname(&name, name.count - 1) == 0
    return hasName
        ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "?"
}
