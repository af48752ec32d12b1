import Records

/// The sessions that have written to the migrated tables lately, in transactions that are over. A value:
/// looks at the server in, sessions out.
///
/// A statement whose text names a table has written to it. If rows of a table were written and no such
/// statement was seen, the sessions count whose last statement may have done it: a function, a block, an
/// EXECUTE, or what a pool sends after its client.
struct RecentWriters: Sendable, Equatable {
    /// Time for which a session counts as a writer after its last statement.
    static let secondsMax = 10.0
    /// Time by which the server's counts of rows may be late.
    private static let lateSeconds = 1.5
    /// Greatest number of sessions that are remembered.
    private static let sessionsMax = 200

    /// A session with what it has written last.
    private struct Writer: Equatable {
        var statement: WriterSample.Statement
        var tables: Set<QualifiedName>
        var wroteAt: Double
    }

    private var last: WriterSample?
    private var writers: [String: Writer] = [:]
    /// The tables that were written to by nobody who is still there, each with the time.
    private var unexplained: [QualifiedName: Double] = [:]

    /// Time from which on statements are wanted in the next look; nil before the first.
    var since: Double? { last.map { $0.at - Self.lateSeconds } }

    mutating func take(_ sample: WriterSample) {
        defer {
            last = sample
            forget(sample.at)
        }
        for statement in sample.statements {
            guard case .writes(let table) = statement.effect else { continue }
            note(statement, table, at: statement.beganAt)
        }
        // Without an earlier look nothing says what was written lately.
        guard let last else { return }
        for (table, rows) in sample.written where rows != last.written[table] ?? rows {
            explain(table, sample, since: last.at - Self.lateSeconds)
        }
    }

    /// Finds who has written to a table.
    private mutating func explain(_ table: QualifiedName, _ sample: WriterSample, since: Double) {
        let isKnown = writers.values.contains { $0.tables.contains(table) && $0.wroteAt >= since }
        let suspects = sample.statements.filter {
            $0.effect == .unknown && ($0.beganAt >= since || $0.state == "active")
        }
        for statement in suspects {
            note(statement, table, at: statement.state == "active" ? sample.at : statement.beganAt)
        }
        if !isKnown, suspects.isEmpty { unexplained[table] = sample.at }
    }

    private mutating func note(
        _ statement: WriterSample.Statement, _ table: QualifiedName, at wroteAt: Double
    ) {
        let id = "\(statement.processID) \(statement.sessionStart ?? "")"
        var writer = writers[id] ?? Writer(statement: statement, tables: [], wroteAt: wroteAt)
        writer.statement = statement
        writer.tables.insert(table)
        writer.wroteAt = max(writer.wroteAt, wroteAt)
        writers[id] = writer
    }

    private mutating func forget(_ now: Double) {
        writers = writers.filter { now - $0.value.wroteAt <= Self.secondsMax }
        unexplained = unexplained.filter { now - $0.value <= Self.secondsMax }
        guard writers.count > Self.sessionsMax else { return }
        let newest = writers.sorted { $0.value.wroteAt > $1.value.wroteAt }.prefix(Self.sessionsMax)
        writers = Dictionary(uniqueKeysWithValues: newest.map { ($0.key, $0.value) })
    }

    /// The sessions, those that wrote last first.
    var sessions: [OpenWriter] {
        writers.values.sorted { ($0.wroteAt, $0.statement.processID) > ($1.wroteAt, $1.statement.processID) }
            .map { writer in
                OpenWriter(
                    processID: writer.statement.processID, user: writer.statement.user,
                    application: writer.statement.application, ageSeconds: nil,
                    tables: writer.tables.sorted().map { "\($0)" }.joined(separator: ", "),
                    state: writer.statement.state, sessionStart: writer.statement.sessionStart,
                    wroteAt: writer.wroteAt)
            }
    }

    /// The tables to which sessions have written that had ended when they were looked for.
    var tablesOfEndedSessions: [QualifiedName] { unexplained.keys.sorted() }
}
