import Glibc

/// The journal of an import: the statements of the files that were applied to a database.
///
/// It is a file of lines, to which lines are added. Before a commit it is told the transaction and its
/// statements, and is synced. So a crash at any moment leaves a journal from which, with the server's own
/// record of the transaction, it is known which statements took effect.
final class ImportJournal {
    /// A transaction of which the journal does not say that it ended.
    struct Open: Equatable {
        /// The server's number of it; nil if the statements ran outside of one.
        let transaction: String?
        let keys: [StatementKey]
    }

    private let path: String
    private let descriptor: Int32
    private(set) var applied: Set<StatementKey> = []
    /// Statements that began, and of which nothing else is known.
    private(set) var begun: Set<StatementKey> = []
    private(set) var open: [Open] = []

    /// The words that lines begin with.
    private enum Word: String {
        /// The database that the lines below are about.
        case target
        /// What an earlier import made was dropped.
        case cleaned
        case begin, done, forget
    }

    /// What each whole line ends with. The last line may be cut off by a crash.
    private static let lineEnd = " ."

    /// - Parameter target: what distinguishes the database. What the journal knows of another one is
    ///   forgotten.
    init(_ path: String, target: String) throws(SchemaError) {
        self.path = path
        try DurableFile.createDirectory(Self.directory(of: path))
        let isNew = !DurableFile.exists(path)
        let text = isNew ? "" : String(decoding: try DurableFile.bytes(path), as: UTF8.self)
        // Sound: the string lives for the length of the call.
        descriptor = unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .file(path: path, doing: "open", reason: DurableFile.systemReason())
        }
        var known: String?
        for line in text.split(separator: "\n") where line.hasSuffix(Self.lineEnd) {
            read(line.dropLast(Self.lineEnd.count), &known)
        }
        // A line that was cut off stays one of its own.
        if !text.isEmpty, !text.hasSuffix("\n") { try append("", lineEnd: "\n") }
        if known != target {
            (applied, begun, open) = ([], [], [])
            try write(.target, [target])
        }
        if isNew { try DurableFile.sync(Self.directory(of: path)) }
    }

    deinit { close(descriptor) }

    /// Whether an earlier import of the same database has left anything in it.
    var isContinued: Bool { !applied.isEmpty || !begun.isEmpty }

    // MARK: Lines

    /// Notes, durably, that these statements are about to take effect.
    func begin(_ keys: [StatementKey], transaction: String?) throws(SchemaError) {
        try write(.begin, [transaction ?? "-"] + keys.map(\.description))
        guard fdatasync(descriptor) == 0 else {
            throw .file(path: path, doing: "sync", reason: DurableFile.systemReason())
        }
        begun.formUnion(keys)
    }

    /// Notes that they took effect. A power loss may take this line, but not the one of their beginning.
    func done(_ keys: [StatementKey]) throws(SchemaError) {
        guard !keys.isEmpty else { return }
        try write(.done, keys.map(\.description))
        begun.subtract(keys)
        applied.formUnion(keys)
    }

    /// Notes that the effect of these statements is there no more.
    func forget(_ keys: [StatementKey]) throws(SchemaError) {
        guard !keys.isEmpty else { return }
        try write(.forget, keys.map(\.description))
        begun.subtract(keys)
        applied.subtract(keys)
    }

    /// Notes that what was applied has been dropped.
    func clean() throws(SchemaError) {
        try write(.cleaned, [])
        (applied, begun, open) = ([], [], [])
    }

    /// Ends the knowledge about the open transactions, once the server has said what became of each.
    func settle(_ committed: [Open]) throws(SchemaError) {
        for transaction in committed { try done(transaction.keys) }
        open = []
    }

    private func read(_ line: Substring, _ known: inout String?) {
        let words = line.split(separator: " ")
        guard let first = words.first, let word = Word(rawValue: String(first)) else { return }
        let keys = words.compactMap { StatementKey($0) }
        switch word {
        case .target:
            let target = words.dropFirst().joined(separator: " ")
            if known != target { (applied, begun, open) = ([], [], []) }
            known = target
        case .cleaned: (applied, begun, open) = ([], [], [])
        case .begin:
            guard words.count > 1 else { return }
            begun.formUnion(keys)
            open.append(Open(transaction: words[1] == "-" ? nil : String(words[1]), keys: keys))
        case .done:
            begun.subtract(keys)
            applied.formUnion(keys)
            let ended = Set(keys)
            open.removeAll { ended.isSuperset(of: $0.keys) }
        case .forget:
            begun.subtract(keys)
            applied.subtract(keys)
        }
    }

    private func write(_ word: Word, _ words: [String]) throws(SchemaError) {
        try append(([word.rawValue] + words).joined(separator: " "), lineEnd: Self.lineEnd + "\n")
    }

    private func append(_ text: String, lineEnd: String) throws(SchemaError) {
        var rest = Array((text + lineEnd).utf8)[...]
        while !rest.isEmpty {
            // Sound: the bytes live for the length of the call.
            let written = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                throw .file(path: path, doing: "write", reason: DurableFile.systemReason())
            }
            rest = rest.dropFirst(written)
        }
    }

    private static func directory(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}
