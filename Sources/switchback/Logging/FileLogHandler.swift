import Foundation
import Logging
import Records
import Synchronization

/// Writes log lines in the form `2026-01-31 10:00:00.123456 INFO capture message`, without any password.
struct FileLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata = Logger.Metadata()
    private let label: String
    private let file: LogFile
    private let secrets: SecretWords

    init(label: String, file: LogFile, level: Logger.Level, secrets: SecretWords) {
        self.label = label
        self.file = file
        self.logLevel = level
        self.secrets = secrets
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: Logging.LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        var text = event.message.description
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { text += " \(key)=\(value)" }
        if let error = event.error { text += " error=\(error)" }
        file.append(
            Self.line(
                at: Date().timeIntervalSince1970, level: event.level, origin: label,
                text: secrets.hidden(in: text)))
    }

    /// Returns a line of the log. Line ends in the message become spaces, so that each entry is one line.
    static func line(at seconds: Double, level: Logger.Level, origin: String, text: String) -> String {
        let word = level == .warning ? "WARN" : level.rawValue.uppercased()
        let message = text.replacing("\n", with: " ").replacing("\r", with: " ")
        return "\(UTCTime.withMicroseconds(seconds)) \(word) \(origin) \(message)"
    }
}

/// The passwords of this process, which are replaced in everything that it logs.
struct SecretWords: Sendable {
    private let words: [String]

    /// Ignores passwords of fewer than four characters, which would replace parts of other words. No message
    /// of ours has a password in it; this is the second safeguard.
    init(_ words: [String?]) {
        self.words = words.compactMap { $0 }.filter { $0.count >= 4 }.sorted { $0.count > $1.count }
    }

    func hidden(in text: String) -> String {
        words.reduce(text) { $0.replacing($1, with: "***") }
    }
}

/// Sends what the process logs to `logs/switchback-<command-id>.log`.
enum VerbLog {
    private static let started = Mutex<Logger?>(nil)

    /// The log of this process, nil before its start.
    static var current: Logger? { started.withLock { $0 } }

    /// Discards what libraries log. Verbs without a log call it, to keep that out of their output.
    static func keepNone() { LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() } }

    /// Starts the log; called once in a process, before anything is logged.
    static func start(verb: Verb, exportDirectory: String, level: LogLevel, secrets: SecretWords) throws
        -> Logger
    {
        let directory = exportDirectory + "/logs"
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw VerbFailure("cannot create \(directory): \(error.localizedDescription)")
        }
        let file = try LogFile(path: "\(directory)/switchback-\(verb.commandID).log")
        let loggerLevel = level.loggerLevel
        LoggingSystem.bootstrap {
            FileLogHandler(label: $0, file: file, level: loggerLevel, secrets: secrets)
        }
        let log = Logger(label: verb.commandID)
        started.withLock { $0 = log }
        return log
    }
}

extension LogLevel {
    fileprivate var loggerLevel: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .warn: .warning
        case .error: .error
        case .fatal, .panic: .critical
        }
    }
}
