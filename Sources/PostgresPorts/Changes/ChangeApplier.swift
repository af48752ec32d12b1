import Engine
import Postgres
import Records

/// The pipelined statements that write changes to the destination, in one transaction at a time.
///
/// Exactly once: `commit` moves the watermark in the same transaction as the changes. After a thrown error
/// the transaction is void, the connection cannot be used any more, and the watermark says where to continue.
final class ChangeApplier {
    private let run: CheckedRun
    private let isYugabyteDB: Bool
    private let uuid: String
    /// The channels that this applier moves, with their watermarks.
    private var channels: [ChannelPosition]
    private let destinations: [QualifiedName: DestinationTable]
    private let slowLookups: SlowLookupMonitor
    private var tables: [UInt32: AppliedTable] = [:]
    private var statements = RowStatements()
    private var values = ParameterBuffer()
    private var isInTransaction = false
    private var hasSavepoint = false
    private(set) var counts: [QualifiedName: ChangeCounts] = [:]
    private(set) var pendingChanges = 0
    private(set) var pendingBytes = 0

    init(
        connection: consuming PostgresConnection, uuid: String, channels: [ChannelPosition],
        destinations: [QualifiedName: DestinationTable], slowLookups: SlowLookupMonitor
    ) throws {
        isYugabyteDB = try connection.isYugabyteDB()
        // Rows are found by index, even if the table was small when the plan was made.
        try connection.setWhereKnown("enable_seqscan", "off")
        // If no index serves, the cost of the disabled scan would have each statement compiled, in a tenth of
        // a second.
        try connection.setWhereKnown("jit", "off")
        run = try CheckedRun(connection)
        self.uuid = uuid
        self.channels = channels
        self.destinations = destinations
        self.slowLookups = slowLookups
    }

    /// Takes a relation message: the changes of that number are of this table from now on.
    func announce(_ relation: RelationMessage) throws {
        if tables[relation.id]?.relation == relation { return }
        tables[relation.id] = try AppliedTable(relation, among: destinations, onYugabyteDB: isYugabyteDB)
        statements.forget(relation.id)
    }

    /// Whether a relation has no key that identifies its rows.
    func isKeyless(_ relation: UInt32) -> Bool { tables[relation]?.keyIndexes.isEmpty ?? true }

    /// Queues one change, or the part of an update that `share` names.
    ///
    /// - Parameter bytes: the message that the change was decoded from
    func apply(_ change: ChangeMessage, _ share: ChangeFilter.Share, bytes: RawSpan, commitLSN: LSN) throws {
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
            counts[try table(id).relation.name, default: .zero].deletes += 1
        case .truncate(let ids, let options):
            let tables = try ids.map { try table($0).destination.rowsOnly }
            if options.contains(.isPartial) || isYugabyteDB {
                // A table that is set aside, excluded or copied again may refer to one of these; TRUNCATE
                // refuses that, whatever our session's role. On YugabyteDB a TRUNCATE stays although its
                // transaction is rolled back.
                for (id, table) in zip(ids, tables) {
                    try run.queue("delete from \(table)", .anyRows([id]))
                }
            } else {
                let restart = options.contains(.restartIdentity) ? " restart identity" : ""
                try run.queue("truncate \(tables.joined(separator: ", "))\(restart)", .anyRows(ids))
            }
        case .begin, .commit, .origin, .relation, .type, .message: return
        }
        pendingChanges += 1
        pendingBytes += bytes.byteCount
        try run.carries(bytes: bytes.byteCount)
        if run.isFull || slowLookups.isFull { try settle(commitLSN: commitLSN) }
    }

    /// Reads all answers and checks each.
    func settle(commitLSN: LSN) throws {
        defer { slowLookups.answered() }
        do { try run.settle() } catch let unmet as CheckedRun.Unmet {
            throw unmet.error(
                in: commitLSN, at: run.connection.place, changed: counts.keys.sorted(),
                name: { tables[$0]?.relation.name })
        }
    }

    /// Commits what was applied, and moves the watermarks to its last transaction.
    func commit(through lsn: LSN) throws {
        try begin()
        // A channel that is further ahead stays: the others catch up with it.
        let moving = channels.indices.filter { channels[$0].lsn <= lsn }
        try run.connection.queueClaim(
            migration: uuid, moving.map { channels[$0] }, to: lsn, keeper: channels[0].number, counts: counts)
        run.expect(.watermark)
        // Every answer is seen before the COMMIT goes out: a change that met no row must not be committed.
        try settle(commitLSN: lsn)
        try run.queue("commit", .end)
        try settle(commitLSN: lsn)
        isInTransaction = false
        hasSavepoint = false
        for index in moving { channels[index].lsn = lsn }
        counts = [:]
        pendingChanges = 0
        pendingBytes = 0
    }

    // MARK: One change at a time

    /// Makes the open transaction, or the one that begins now, check deferred constraints at each change,
    /// which shows the change that violates one. A transaction that violates a constraint only in between is
    /// refused too.
    func checkAtOnce() throws {
        try begin()
        try run.queue("set constraints all immediate")
    }

    /// Sets a savepoint before the next change and releases the one before.
    func setSavepoint() throws {
        try begin()
        if hasSavepoint { try run.queue("release savepoint switchback_change") }
        try run.queue("savepoint switchback_change")
        statements.noteSavepoint()
        hasSavepoint = true
    }

    /// Rolls back to the savepoint.
    ///
    /// - Parameter counts: the counts at the savepoint
    func rollBackToSavepoint(counts: [QualifiedName: ChangeCounts], commitLSN: LSN) throws {
        statements.forgetSinceSavepoint()
        try run.queue("rollback to savepoint switchback_change")
        try settle(commitLSN: commitLSN)
        self.counts = counts
    }

    /// Stashes a change, in the open transaction.
    func stash(_ change: StashedChange, leg: Int) throws {
        try run.connection.queueStash(change, migration: uuid, leg: leg)
        run.expect(.nothing)
        try settle(commitLSN: change.commitLSN)
    }

    /// Returns the table of a change; nil for a change of no table, or of several.
    func table(of change: ChangeMessage) throws -> AppliedTable? {
        switch change {
        case .insert(let id, _), .update(let id, _, _, _), .delete(let id, _, _): try table(id)
        case .begin, .commit, .origin, .relation, .type, .truncate, .message: nil
        }
    }

    // MARK: Statements

    private func begin() throws {
        guard !isInTransaction else { return }
        try run.queue("begin")
        try run.connection.queueWatermarkLock(migration: uuid, channels)
        run.expect(.watermarkLock)
        isInTransaction = true
    }

    private func table(_ id: UInt32) throws -> AppliedTable {
        guard let table = tables[id] else {
            throw MalformedMessage(offset: 1, expected: "a relation that was announced before")
        }
        return table
    }

    private func insert(_ id: UInt32, _ new: [TupleValue], _ bytes: RawSpan, commitLSN: LSN) throws {
        try put(id, new, bytes, commitLSN: commitLSN)
        counts[try table(id).relation.name, default: .zero].inserts += 1
    }

    private func put(_ id: UInt32, _ new: [TupleValue], _ bytes: RawSpan, commitLSN: LSN) throws {
        let statement = try statements.statement(.insert, try table(id), in: run)
        values.removeAll()
        for value in new { try append(value, bytes) }
        try send(statement.name, .oneRow(id, commitLSN))
    }

    private func delete(_ id: UInt32, _ old: [TupleValue], _ bytes: RawSpan, commitLSN: LSN) throws {
        let table = try table(id)
        let statement = try statements.statement(.delete(table.form(of: old)), table, in: run)
        values.removeAll()
        for index in statement.finders { try append(old[index], bytes) }
        try send(statement.name, .oneRow(id, commitLSN))
        if table.keyIndexes.isEmpty { slowLookups.sent(table.relation.name) }
    }

    /// Inserts the row of an update whose old row is deleted already.
    private func arrive(_ id: UInt32, _ new: [TupleValue], _ bytes: RawSpan, commitLSN: LSN) throws {
        let label = try table(id).relation.name
        guard !new.contains(.unchanged) else {
            throw ChangeFailure(
                tables: [label], commitLSN: commitLSN,
                reason: "its row has left another channel while a large value was not sent", isIncident: true)
        }
        try put(id, new, bytes, commitLSN: commitLSN)
        counts[label, default: .zero].updates += 1
    }

    private func update(
        _ id: UInt32, old: [TupleValue]?, new: [TupleValue], _ bytes: RawSpan, commitLSN: LSN
    ) throws {
        let table = try table(id)
        let label = table.relation.name
        let isKeyChanged =
            old.map { old in
                table.alwaysIndexes.contains {
                    differs(old[$0], new[$0], bytes) && isGiven(old[$0], table, $0)
                }
            } ?? false
        if isKeyChanged || !table.besideIndexes.isEmpty && !new.contains(.unchanged) {
            // An update cannot set an identity column GENERATED ALWAYS, so the row is deleted and inserted.
            guard !new.contains(.unchanged) else {
                throw ChangeFailure(
                    tables: [label], commitLSN: commitLSN,
                    reason: "its GENERATED ALWAYS key changed while a large value was not sent",
                    isIncident: true)
            }
            try delete(id, old ?? new, bytes, commitLSN: commitLSN)
            try put(id, new, bytes, commitLSN: commitLSN)
            counts[label, default: .zero].updates += 1
            return
        }
        let set = new.indices.filter { new[$0] != .unchanged && !table.alwaysIndexes.contains($0) }
        counts[label, default: .zero].updates += 1
        // Only a GENERATED ALWAYS column was sent, and it did not change.
        guard !set.isEmpty else { return }
        // A column that YugabyteDB does not send has not changed.
        let beside = table.besideIndexes.filter { new[$0] != .unchanged }
        let row = old ?? new
        let statement = try statements.statement(
            .update(set: set, beside: beside, table.form(of: row)), table, in: run)
        values.removeAll()
        for index in set { try append(new[index], bytes) }
        for index in statement.finders { try append(row[index], bytes) }
        for index in beside { try append(new[index], bytes) }
        try send(statement.name, .oneRow(id, commitLSN))
        if table.keyIndexes.isEmpty { slowLookups.sent(label) }
    }

    /// Whether the old tuple has the value. With a key as replica identity it has NULL for all other columns.
    private func isGiven(_ value: TupleValue, _ table: AppliedTable, _ index: Int) -> Bool {
        table.relation.columns[index].isKey || value != .null
    }

    private func differs(_ left: TupleValue, _ right: TupleValue, _ bytes: RawSpan) -> Bool {
        switch (left, right) {
        case (.text(let a), .text(let b)):
            let cursor = MessageCursor()
            return !cursor.text(a, in: bytes).utf8.elementsEqual(cursor.text(b, in: bytes).utf8)
        case (.null, .null), (.unchanged, _), (_, .unchanged): return false
        case (.null, .text), (.text, .null): return true
        // The next statement refuses the value.
        case (.binary, _), (_, .binary): return true
        }
    }

    private func append(_ value: TupleValue, _ bytes: RawSpan) throws {
        switch value {
        case .null, .unchanged: values.appendNull()
        case .text(let range): values.append(bytes.extracting(range))
        case .binary: throw BinaryValue()
        }
    }

    private func send(_ statement: String, _ expectation: CheckedRun.Expectation) throws {
        try run.connection.queue(name: statement, values)
        run.expect(expectation)
    }
}
