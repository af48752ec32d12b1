import Records

/// The statements that write folded windows, each window in one transaction with the watermark. A few windows
/// are under way at once. A window is a run of statements that a sync at its end commits (manual chapter
/// "Pipeline Mode"). Only a source transaction that is written in parts has a BEGIN and a COMMIT.
///
/// Exactly once: a window's first statement moves the watermark from the value that the one before has set.
/// So no window takes effect unless all before it did. After an error the connection cannot be used any
/// more, and the watermark says what is committed.
package final class WindowApplier {
    private let connection: PostgresConnection
    private let uuid: String
    /// The channels that this applier moves, with their watermarks once everything that was sent is
    /// committed.
    private var channels: [ChannelPosition]
    package let window = ChangeWindow()
    private var statements = SetStatements()
    private var parameters = ParameterBuffer()
    private var order = KeyOrder()
    /// The LSN of the last window that was sent.
    private var claimed = LSN.zero
    /// The transaction that is open on the server, if there is one: its LSN, and its changes so far.
    private var open: (lsn: LSN, counts: [QualifiedName: ChangeCounts])?
    private var queued = 0
    /// Bytes of parameters that were queued since the last flush.
    private var bytesQueued = 0
    private var underWay: [(statements: Int, pieces: [Piece], window: AppliedWindow)] = []
    /// The statements on rows that were queued since the last sync.
    private var pieces: [Piece] = []
    /// Windows that turned out to be committed while a part was written; `settle` returns them.
    private var found: [AppliedWindow] = []
    private var splitTables: Set<QualifiedName>

    /// Rows of one statement at most. What it reads and writes then stays in the caches, here and on the
    /// server, and the server executes one statement while the next is packed.
    private static let statementRowsMax = 1024

    /// Queued bytes from which they are flushed, so that the server begins with them. Fewer are sent with the
    /// sync.
    private static let pumpBytes = 64 << 10

    /// Windows that may wait for their answers.
    package static let underWayMax = 2

    /// - Parameter splitTables: tables in which unique values move between rows. Their updates are written as
    ///   a delete and an insert if all values are known
    package init(
        connection: consuming PostgresConnection, uuid: String, channels: [ChannelPosition],
        splitTables: Set<QualifiedName>
    ) throws {
        // Plans use indexes and are made once: a window has thousands of keys, and the table may be large.
        for (parameter, value) in [
            // Servers before 12 do not have this parameter.
            ("plan_cache_mode", "force_generic_plan"), ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            // Even if the table was small when the plan was made.
            ("enable_seqscan", "off"), ("enable_bitmapscan", "off"),
            // If no index serves, the cost of the disabled scan would have each statement compiled.
            ("jit", "off"),
        ] {
            try connection.setWhereKnown(parameter, value)
        }
        try connection.prepareClaim()
        try connection.enterPipeline()
        self.connection = connection
        self.uuid = uuid
        self.channels = channels
        self.splitTables = splitTables
    }

    /// Whether a transaction is open for a part that was written.
    package var isOpen: Bool { open != nil }

    /// The first channel's watermark once everything that was sent is committed.
    package var position: LSN { channels[0].lsn }

    /// The number of runs that wait for their answers.
    package var underWayCount: Int { underWay.count }

    /// Whether a window waits for its answers.
    package var isUnderWay: Bool { !underWay.isEmpty }

    /// The socket and events to poll for until an answer arrives or more can be sent; nil if nothing is under
    /// way.
    package var awaited: (socket: Int32, events: Int16)? { underWay.isEmpty ? nil : connection.awaited }

    package func register(_ relation: UInt32, _ table: WindowTable) throws {
        window.register(relation, table)
        queued += try statements.forget(relation, connection)
    }

    /// Writes the window into the open transaction on the server; the source transaction continues.
    package func writePart(of lsn: LSN) throws {
        try sendPart(of: lsn)
        found = try settle(leaving: 0)
    }

    /// Sends the window into the open transaction, without waiting for the answers.
    package func sendPart(of lsn: LSN) throws {
        try begin(lsn)
        try writeRows()
        try sync(AppliedWindow(lsn: claimed, counts: [:]), isLast: false)
        window.removeAll()
    }

    /// Moves the watermark over transactions without changes for this applier. Illegal while a transaction is
    /// open.
    package func sendWatermark(through lsn: LSN) throws {
        precondition(open == nil, "a transaction is open")
        try claim(lsn, counts: [:])
        try sync(AppliedWindow(lsn: lsn, counts: [:]), isLast: true)
    }

    /// Writes the window and its commit; returns windows that are committed by now.
    package func write(through lsn: LSN) throws -> [AppliedWindow] {
        try send(through: lsn)
        return try settle(leaving: Self.underWayMax - 1)
    }

    /// Sends the window and its commit, without waiting for the answers.
    package func send(through lsn: LSN) throws {
        let counts = window.counts
        var all = open?.counts ?? [:]
        for (table, change) in counts { all[table, default: .zero] += change }
        try claim(lsn, counts: all)
        try writeRows()
        // Without a BEGIN, the statements between two syncs are one transaction.
        if open != nil {
            try connection.queue(sql: "commit")
            queued += 1
        }
        try sync(AppliedWindow(lsn: lsn, counts: all), isLast: true)
        window.removeAll()
    }

    /// Reads answers until at most `count` windows are under way; returns those that are committed.
    @discardableResult
    package func settle(leaving count: Int) throws -> [AppliedWindow] {
        var applied = found
        found = []
        while let oldest = underWay.first {
            let isOver = underWay.count > count
            if !isOver, try !connection.hasAnswers() { break }
            do { try connection.collect(count: oldest.statements) } catch {
                let named = error.error.named(Self.words(of: error.index, in: oldest.pieces))
                if named.condition.isPassing { throw named }
                throw WindowFailure(through: max(claimed, open?.lsn ?? .zero), error: named)
            }
            underWay.removeFirst()
            if oldest.window.lsn > .zero { applied.append(oldest.window) }
        }
        return applied
    }

    /// A statement on rows of one table, with the statements that prepare it.
    private struct Piece {
        /// Their positions in the run.
        let place: Range<Int>
        let kind: SetStatement.Kind
        let table: QualifiedName
    }

    /// Returns what the statement at `index` of a run does, for a message.
    private static func words(of index: Int, in pieces: [Piece]) -> String {
        guard let piece = pieces.first(where: { $0.place.contains(index) }) else {
            return index < pieces.last?.place.lowerBound ?? .max ? "move the watermark" : "commit changes"
        }
        switch piece.kind {
        case .insert: return "apply inserts to \(piece.table)"
        case .update: return "apply updates to \(piece.table)"
        case .delete: return "apply deletes to \(piece.table)"
        }
    }

    // MARK: Statements

    /// Opens the transaction of a source transaction that continues, or adds the window's counts to it.
    private func begin(_ lsn: LSN) throws {
        if open != nil {
            for (table, change) in window.counts { open?.counts[table, default: .zero] += change }
            return
        }
        try connection.queue(sql: "begin")
        queued += 1
        try claim(lsn, counts: [:])
        open = (lsn, window.counts)
    }

    /// Moves the watermarks from the values that were set last; nothing after it takes effect if one is not
    /// as expected. A channel that is further ahead stays: the others catch up with it.
    private func claim(_ lsn: LSN, counts: [QualifiedName: ChangeCounts]) throws {
        precondition(lsn >= claimed, "a watermark never moves back")
        let moving = channels.indices.filter { channels[$0].lsn <= lsn }
        try connection.queueClaim(
            migration: uuid, moving.map { channels[$0] }, to: lsn, keeper: channels[0].number, counts: counts)
        for index in moving { channels[index].lsn = lsn }
        queued += 1
        claimed = lsn
    }

    private func sync(_ window: AppliedWindow, isLast: Bool) throws {
        try connection.queueSync()
        bytesQueued = 0
        underWay.append((queued, pieces, isLast ? window : AppliedWindow(lsn: .zero, counts: [:])))
        queued = 0
        pieces = []
        if isLast { open = nil }
    }

    private func writeRows() throws {
        for (relation, part) in window.parts.sorted(by: { $0.relation < $1.relation })
        where !part.rows.isEmpty {
            let groups = RowGroups(
                part, of: window, splits: splitTables.contains(part.table.label))
            try write(SetStatement(relation: relation, kind: .delete, set: []), part, groups.deletes)
            let whole = part.table.settableIndexes
            if !whole.isEmpty {
                try write(SetStatement(relation: relation, kind: .update, set: whole), part, groups.updates)
            }
            for (set, rows) in groups.partialUpdates where !set.isEmpty {
                try write(SetStatement(relation: relation, kind: .update, set: set), part, rows)
            }
            try write(SetStatement(relation: relation, kind: .insert, set: []), part, groups.inserts)
        }
    }

    private func write(_ statement: SetStatement, _ part: ChangeWindow.Part, _ rows: [Int]) throws {
        guard !rows.isEmpty else { return }
        let rows = statement.kind == .insert ? rows : order.sort(rows, of: part, in: window.arena)
        for start in stride(from: 0, to: rows.count, by: Self.statementRowsMax) {
            try writePiece(statement, part, rows[start..<min(start + Self.statementRowsMax, rows.count)])
        }
    }

    private func writePiece(_ statement: SetStatement, _ part: ChangeWindow.Part, _ rows: ArraySlice<Int>)
        throws
    {
        var statement = statement
        if !fillParameters(statement, part, rows) {
            // The server decides about a value that is no number of its column's type.
            statement.isAllText = true
            _ = fillParameters(statement, part, rows)
        }
        let first = queued
        let (name, queuedBefore) = try statements.name(of: statement, part.table, connection)
        try connection.queue(name: name, parameters)
        queued += queuedBefore + 1
        pieces.append(Piece(place: first..<queued, kind: statement.kind, table: part.table.label))
        bytesQueued += parameters.byteCount
        if bytesQueued >= Self.pumpBytes {
            try connection.pump()
            bytesQueued = 0
        }
    }

    /// Packs the rows' values; returns false if one does not fit the type of its array.
    private func fillParameters(
        _ statement: SetStatement, _ part: ChangeWindow.Part, _ rows: ArraySlice<Int>
    ) -> Bool {
        let table = part.table
        parameters.removeAll()
        if statement.kind != .insert {
            let keys = rows.map { part.rows[$0].keyCells }
            for column in table.keyIndexes {
                let type = statement.elements(column, table)
                guard window.arena.append(column, of: keys, as: type, to: &parameters) else { return false }
            }
        }
        let set =
            switch statement.kind {
            case .delete: [Int]()
            case .insert: Array(table.columns.indices)
            case .update: statement.set
            }
        if !set.isEmpty {
            let values = rows.map { part.rows[$0].valueCells }
            for column in set {
                let type = statement.elements(column, table)
                guard window.arena.append(column, of: values, as: type, to: &parameters) else { return false }
            }
        }
        parameters.append(String(rows.count))
        return true
    }
}
