import Postgres
import Records

/// A change that did not meet the row it should have, or that the destination refused.
package struct ApplyIncident: Error, Sendable, CustomStringConvertible {
    package let table: String
    package let commitLSN: LSN
    package let reason: String

    package var description: String {
        "the change of the transaction at \(commitLSN) cannot be applied to \(table): \(reason); the transaction was rolled "
            + "back and nothing after it was applied. Look at that table on the destination, mend it, and start again"
    }
}

/// Why a change, or what carries it, was not applied. The transaction is void, or back at its savepoint.
struct ChangeFailure: Error {
    let table: String
    let commitLSN: LSN
    var sqlState = ""
    var constraint: String?
    let reason: String
    /// It speaks of this change alone: without it the others would go on.
    let isIncident: Bool
    /// It speaks of the table: no change of it can be applied.
    var doesNotFit: TableDoesNotFit?

    var asStop: ApplyIncident { ApplyIncident(table: table, commitLSN: commitLSN, reason: reason) }
}

/// The watermark is not where it was read: a transaction of an earlier process has come through since.
struct WatermarkMoved: Error {}

/// Writes changes to the destination in one transaction at a time, statements pipelined.
///
/// Exactly once: `commit` moves the watermark in the same transaction as the changes. After any thrown error the
/// transaction is void, the connection of no more use, and the watermark says where to go on.
final class ChangeApplier {
    private let connection: PostgresConnection
    private let uuid: String
    /// The channels this applier moves, and where they are.
    private var channels: [ChannelPosition]
    private let destinations: [QualifiedName: Table]
    private var tables: [UInt32: AppliedTable] = [:]
    private var statements: [StatementKey: String] = [:]
    /// Names are never used twice in a session: those of a table that changed stay prepared on the server.
    private var statementsPrepared = 0
    private var values = ParameterBuffer()
    private var expectations: [Expectation] = []
    private var isInTransaction = false
    private var hasSavepoint = false
    private(set) var counts: [String: ChangeCounts] = [:]
    private(set) var pendingChanges = 0
    private(set) var pendingBytes = 0

    /// Answers are read after as many statements, so that neither side holds more of them.
    private static let pipelineStatementsMax = 2000
    private static let pipelineBytesMax = 8 << 20
    private var pipelineBytes = 0

    private struct StatementKey: Hashable {
        let relation: UInt32
        let kind: UInt8
        let set: [Int]
    }

    private enum Expectation {
        case nothing
        /// The watermark is where this applier left it.
        case held
        /// Exactly one row of this relation, by a change of the transaction that commits there.
        case oneRow(UInt32, LSN)
        /// The watermarks that are held are there to be moved.
        case watermark
    }

    init(
        connection: consuming PostgresConnection, uuid: String, channels: [ChannelPosition],
        destinations: [QualifiedName: Table]
    ) throws {
        try connection.prepareClaim()
        try connection.enterPipeline()
        self.connection = connection
        self.uuid = uuid
        self.channels = channels
        self.destinations = destinations
    }

    var hasWork: Bool { isInTransaction }

    /// A relation message: what follows of that number is this table.
    func announce(_ relation: RelationMessage) throws {
        if tables[relation.id]?.relation == relation { return }
        guard let destination = destinations[relation.name] else {
            throw RequestRefused(
                "the origin sends changes of \(relation.name), which the destination does not have; create the table there, "
                    + "then start again: nothing is lost meanwhile")
        }
        tables[relation.id] = try AppliedTable(relation: relation, destination: destination)
        statements = statements.filter { $0.key.relation != relation.id }
    }

    /// Whether a relation's rows have nothing that tells them apart.
    func isKeyless(_ relation: UInt32) -> Bool { tables[relation]?.keyIndexes.isEmpty ?? true }

    /// Queues one change, or the part of an update that `share` says; the bytes are those of the message it was decoded
    /// from.
    func apply(_ change: ChangeMessage, _ share: ChangeSieve.Share, bytes: RawSpan, commitLSN: LSN) throws {
        try begin()
        switch change {
        case .insert(let id, let new): try insert(id, new, bytes, commitLSN: commitLSN)
        case .update(let id, let old, _, let new):
            switch share {
            case .all: try update(id, old: old, new: new, bytes, commitLSN: commitLSN)
            case .departure: try delete(id, old ?? new, bytes, commitLSN: commitLSN)
            case .arrival: try arrive(id, new, bytes, commitLSN: commitLSN)
            case .none: break
            }
        case .delete(let id, let old, _):
            try delete(id, old, bytes, commitLSN: commitLSN)
            counts[try table(id).relation.name.description, default: .zero].deletes += 1
        case .truncate(let ids, _, let restart):
            let names = try ids.map { try table($0).destination.rowsOnly }.joined(separator: ", ")
            try connection.queue(sql: "truncate \(names)\(restart ? " restart identity" : "")")
            expectations.append(.nothing)
        case .begin, .commit, .origin, .relation, .type, .message: return
        }
        pendingChanges += 1
        pendingBytes += bytes.byteCount
        pipelineBytes += bytes.byteCount
        if expectations.count % 64 == 0 { try connection.pump() }
        if expectations.count >= Self.pipelineStatementsMax || pipelineBytes >= Self.pipelineBytesMax {
            try settle(commitLSN: commitLSN)
        }
    }

    /// Reads the answers of all that is queued and checks each.
    func settle(commitLSN: LSN) throws {
        guard !expectations.isEmpty else { return }
        var wrong: (relation: UInt32, lsn: LSN, rows: Int)?
        let expected = expectations
        expectations.removeAll(keepingCapacity: true)
        pipelineBytes = 0
        do {
            try connection.drain(count: expected.count) { index, rows in
                switch expected[index] {
                case .nothing, .held, .watermark: break
                case .oneRow(let relation, let lsn):
                    if rows != 1, wrong == nil { wrong = (relation, lsn, rows) }
                }
            }
        } catch {
            if error.error.isConnectionLoss || error.error.isTransient { throw error.error }
            guard error.index < expected.count else { throw error.error }
            throw failure(error.error, at: expected[error.index], commitLSN)
        }
        if let wrong {
            throw ChangeFailure(
                table: label(wrong.relation), commitLSN: wrong.lsn,
                reason: wrong.rows == 0
                    ? "the row it changes is not there" : "it met \(wrong.rows) rows instead of one",
                isIncident: true)
        }
    }

    private func failure(_ error: PostgresError, at expectation: Expectation, _ commitLSN: LSN) -> any Error {
        switch expectation {
        case .held where error.sqlState == "22012": return WatermarkMoved()
        case .watermark where error.sqlState == "22012": return watermarkDidNotMove(commitLSN)
        case .oneRow(let relation, let lsn):
            return ChangeFailure(
                table: label(relation), commitLSN: lsn, sqlState: error.sqlState,
                constraint: error.constraint,
                reason: "\(error)", isIncident: IncidentClass.holds(error.sqlState),
                doesNotFit: doesNotFit(error, relation))
        case .nothing, .held, .watermark:
            return ChangeFailure(
                table: error.table ?? "a table", commitLSN: commitLSN, sqlState: error.sqlState,
                reason: "\(error)", isIncident: false)
        }
    }

    private func doesNotFit(_ error: PostgresError, _ relation: UInt32) -> TableDoesNotFit? {
        guard let name = tables[relation]?.relation.name else { return nil }
        if SchemaErrorClass.holds(error.sqlState) { return TableDoesNotFit(table: name, reason: "\(error)") }
        // A check that is no constraint: no partition takes the row.
        guard error.sqlState == "23514", error.constraint == nil else { return nil }
        return TableDoesNotFit(
            table: name, cause: .partition, reason: "no partition at \(connection.place) takes a row of it")
    }

    private func watermarkDidNotMove(_ lsn: LSN) -> RequestRefused {
        RequestRefused(
            "the watermark at \(connection.place) did not move to \(lsn): another process applies to this database, "
                + "or its row in ybvoyager_metadata was changed; see who else runs, then start again")
    }

    /// Commits what was applied, with the watermarks at the last transaction in it.
    func commit(through lsn: LSN) throws {
        try begin()
        // A channel that is further already stays: it is being caught up with.
        let moving = channels.indices.filter { channels[$0].lsn <= lsn }
        try connection.queueClaim(
            migration: uuid, moving.map { channels[$0] }, to: lsn, keeper: channels[0].number, counts: counts)
        expectations.append(.watermark)
        // Every answer is seen before the COMMIT goes out: a change that met no row must not be committed.
        try settle(commitLSN: lsn)
        try connection.queue(sql: "commit")
        expectations.append(.nothing)
        try settle(commitLSN: lsn)
        isInTransaction = false
        hasSavepoint = false
        for index in moving { channels[index].lsn = lsn }
        counts = [:]
        pendingChanges = 0
        pendingBytes = 0
    }

    // MARK: One change at a time

    /// Sets a savepoint before the next change, in place of the one before.
    func setSavepoint() throws {
        try begin()
        if hasSavepoint { try queue("release savepoint switchback_change") }
        try queue("savepoint switchback_change")
        hasSavepoint = true
    }

    /// Takes back what was done since the savepoint; `counts` are those of then.
    func rollBackToSavepoint(counts: [String: ChangeCounts], commitLSN: LSN) throws {
        try queue("rollback to savepoint switchback_change")
        try settle(commitLSN: commitLSN)
        self.counts = counts
    }

    /// Sets a change aside, in the open transaction.
    func setAside(leg: Int, _ row: SetAsideRow) throws {
        try connection.queueSetAside(migration: uuid, leg: leg, row)
        expectations.append(.nothing)
        try settle(commitLSN: row.commitLSN)
    }

    /// The table a change is for; nil for one that is for none, or several.
    func table(of change: ChangeMessage) throws -> AppliedTable? {
        switch change {
        case .insert(let id, _), .update(let id, _, _, _), .delete(let id, _, _): try table(id)
        case .begin, .commit, .origin, .relation, .type, .truncate, .message: nil
        }
    }

    private func queue(_ sql: String) throws {
        try connection.queue(sql: sql)
        expectations.append(.nothing)
    }

    // MARK: Statements

    private func begin() throws {
        guard !isInTransaction else { return }
        try connection.queue(sql: "begin")
        expectations.append(.nothing)
        try connection.queueHold(migration: uuid, channels)
        expectations.append(.held)
        isInTransaction = true
    }

    private func table(_ id: UInt32) throws -> AppliedTable {
        guard let table = tables[id] else {
            throw MalformedMessage(offset: 1, expected: "a relation that was announced before")
        }
        return table
    }

    private func label(_ relation: UInt32) -> String {
        tables[relation]?.relation.name.description ?? "a table"
    }

    private func insert(_ id: UInt32, _ new: [TupleValue], _ bytes: RawSpan, commitLSN: LSN) throws {
        try put(id, new, bytes, commitLSN: commitLSN)
        counts[try table(id).relation.name.description, default: .zero].inserts += 1
    }

    private func put(_ id: UInt32, _ new: [TupleValue], _ bytes: RawSpan, commitLSN: LSN) throws {
        let name = try statement(try table(id), kind: UInt8(ascii: "I"), set: [])
        values.removeAll()
        for value in new { try append(value, bytes) }
        try send(name, .oneRow(id, commitLSN))
    }

    private func delete(_ id: UInt32, _ old: [TupleValue], _ bytes: RawSpan, commitLSN: LSN) throws {
        let table = try table(id)
        let name = try statement(table, kind: UInt8(ascii: "D"), set: [])
        values.removeAll()
        for index in table.conditionIndexes { try append(old[index], bytes) }
        try send(name, .oneRow(id, commitLSN))
    }

    /// The row of an update whose old place is empty already.
    private func arrive(_ id: UInt32, _ new: [TupleValue], _ bytes: RawSpan, commitLSN: LSN) throws {
        let label = try table(id).relation.name.description
        guard !new.contains(.unchanged) else {
            throw ChangeFailure(
                table: label, commitLSN: commitLSN,
                reason: "its row has left another lane while a large value was not sent", isIncident: true)
        }
        try put(id, new, bytes, commitLSN: commitLSN)
        counts[label, default: .zero].updates += 1
    }

    private func update(
        _ id: UInt32, old: [TupleValue]?, new: [TupleValue], _ bytes: RawSpan, commitLSN: LSN
    ) throws {
        let table = try table(id)
        let label = table.relation.name.description
        if let old,
            table.alwaysIndexes.contains(where: {
                differs(old[$0], new[$0], bytes) && isGiven(old[$0], table, $0)
            })
        {
            // An identity column GENERATED ALWAYS cannot be set by an update: the row is written anew.
            guard !new.contains(.unchanged) else {
                throw ChangeFailure(
                    table: label, commitLSN: commitLSN,
                    reason: "its GENERATED ALWAYS key changed while a large value was not sent",
                    isIncident: true)
            }
            try delete(id, old, bytes, commitLSN: commitLSN)
            try put(id, new, bytes, commitLSN: commitLSN)
            counts[label, default: .zero].updates += 1
            return
        }
        let set = new.indices.filter { new[$0] != .unchanged && !table.alwaysIndexes.contains($0) }
        counts[label, default: .zero].updates += 1
        // Nothing to set: only a GENERATED ALWAYS column was sent, and it did not change.
        guard !set.isEmpty else { return }
        let name = try statement(table, kind: UInt8(ascii: "U"), set: set)
        values.removeAll()
        for index in set { try append(new[index], bytes) }
        for index in table.conditionIndexes { try append(old?[index] ?? new[index], bytes) }
        try send(name, .oneRow(id, commitLSN))
    }

    /// Under a key identity the old tuple holds NULL for columns that are no key.
    private func isGiven(_ value: TupleValue, _ table: AppliedTable, _ index: Int) -> Bool {
        table.relation.columns[index].isKey || value != .null
    }

    private func differs(_ left: TupleValue, _ right: TupleValue, _ bytes: RawSpan) -> Bool {
        switch (left, right) {
        case (.text(let a), .text(let b)):
            let cursor = MessageCursor()
            return cursor.text(a, in: bytes) != cursor.text(b, in: bytes)
        case (.null, .null), (.unchanged, _), (_, .unchanged): return false
        case (.null, .text), (.text, .null): return true
        // The statement that follows refuses it.
        case (.binary, _), (_, .binary): return true
        }
    }

    /// The prepared statement's name, prepared in the pipeline when it is met first.
    private func statement(_ table: AppliedTable, kind: UInt8, set: [Int]) throws -> String {
        let key = StatementKey(relation: table.relation.id, kind: kind, set: set)
        if let name = statements[key] { return name }
        statementsPrepared += 1
        let name = "s\(statementsPrepared)"
        let sql =
            switch kind {
            case UInt8(ascii: "I"): table.insertSQL
            case UInt8(ascii: "U"): table.updateSQL(set: set)
            default: table.deleteSQL
            }
        try connection.queuePrepare(name: name, sql: sql)
        expectations.append(.nothing)
        statements[key] = name
        return name
    }

    private func append(_ value: TupleValue, _ bytes: RawSpan) throws {
        switch value {
        case .null, .unchanged: values.appendNull()
        case .text(let range): values.append(bytes.extracting(range))
        case .binary: throw BinaryValue()
        }
    }

    private func send(_ statement: String, _ expectation: Expectation) throws {
        try connection.queue(name: statement, values)
        expectations.append(expectation)
    }
}
