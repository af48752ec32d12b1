import Foundation
import Logging
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

    /// One line of the log; line ends within the message become blanks, so that a line stays an entry.
    static func line(at seconds: Double, level: Logger.Level, origin: String, text: String) -> String {
        let word = level == .warning ? "WARN" : level.rawValue.uppercased()
        let message = text.replacing("\n", with: " ").replacing("\r", with: " ")
        return "\(UTCTime.withMicroseconds(seconds)) \(word) \(origin) \(message)"
    }
}

/// The passwords this process knows, to be struck out of whatever it is about to write.
struct SecretWords: Sendable {
    private let words: [String]

    /// A password of fewer than four letters is left: it would strike out parts of innocent words. None of our
    /// messages holds a password in the first place; this is the second lock.
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

    /// The log of this process, nil before it was started.
    static var current: Logger? { started.withLock { $0 } }

    /// For verbs that keep no log: what a library logs goes nowhere, least of all among the verb's own output.
    static func keepNone() { LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() } }

    /// Called once a process, before anything logs.
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
