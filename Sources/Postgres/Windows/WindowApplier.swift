import Records

/// A window the server refused, or whose rows it did not find: everything after the watermark is to be applied again, and
/// through `lsn` row by row, where the reason shows with its row's table.
package struct WindowFailure: Error, Sendable {
    package let through: LSN
    package let error: PostgresError
}

/// A window that is committed.
package struct AppliedWindow: Sendable {
    package let lsn: LSN
    package let counts: [QualifiedName: ChangeCounts]

    package init(lsn: LSN, counts: [QualifiedName: ChangeCounts]) {
        self.lsn = lsn
        self.counts = counts
    }
}

/// Writes folded windows, each in one transaction with the watermark, and keeps a few of them under way at once. A window
/// is a run of statements with a sync at its end, which commits them (manual chapter "Pipeline Mode"); only a source
/// transaction that is written in parts has a BEGIN and a COMMIT.
///
/// Exactly once: a window's first statement moves the watermark from where the one before left it, so that no window
/// takes effect unless all before it did. After any error the connection is of no more use and the watermark tells.
package final class WindowApplier {
    private let connection: PostgresConnection
    private let uuid: String
    /// The channels this applier moves, and where they will be when all that was sent is committed.
    private var channels: [ChannelPosition]
    package let window = ChangeWindow()
    private var statements = SetStatements()
    private var parameters = ParameterBuffer()
    private var order = KeyOrder()
    /// What the last window that was sent goes through.
    private var claimed = LSN.zero
    /// Set while a transaction of the server's is open: what it was claimed for, and its changes so far.
    private var open: (lsn: LSN, counts: [QualifiedName: ChangeCounts])?
    private var queued = 0
    /// Of parameters, since the server was last handed what was queued.
    private var bytesQueued = 0
    private var underWay: [(statements: Int, pieces: [Piece], window: AppliedWindow)] = []
    /// What was queued since the last sync, statement by statement on rows.
    private var pieces: [Piece] = []
    /// Windows that were found committed while a part was written; `settle` returns them.
    private var found: [AppliedWindow] = []
    private var splitTables: Set<QualifiedName>

    /// A statement has so many rows at most: then what it reads and writes, here and on the server, stays in the caches, and
    /// the server is at one while the next is packed.
    private static let statementRowsMax = 1024

    /// With so many bytes queued the server is handed what there is, to begin on it; fewer go with the sync.
    private static let pumpBytes = 64 << 10

    /// So many windows may wait for their answers.
    package static let underWayMax = 2

    /// `splitTables` are those whose updates have met unique values that move between rows: theirs are written as a delete
    /// and an insert where all values are known.
    package init(
        connection: consuming PostgresConnection, uuid: String, channels: [ChannelPosition],
        splitTables: Set<QualifiedName>
    ) throws {
        // Plans by index, made once: a window is thousands of keys into a table that may be large.
        for (parameter, value) in [
            // Servers before 12 have none.
            ("plan_cache_mode", "force_generic_plan"), ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            // Also where the table was small when the plan was made.
            ("enable_seqscan", "off"), ("enable_bitmapscan", "off"),
            // Where no index serves, the cost of the scan that is off would have each statement compiled.
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

    /// Whether something was written that is not committed yet, or not known to be.
    package var hasWork: Bool { !window.isEmpty || open != nil || !underWay.isEmpty }

    /// Whether a transaction is open for a part that was written.
    package var isOpen: Bool { open != nil }

    /// Where the first channel's watermark will be when all that was sent is committed.
    package var position: LSN { channels[0].lsn }

    /// How many runs wait for their answers.
    package var underWayCount: Int { underWay.count }

    /// Whether a window waits for its answers.
    package var isUnderWay: Bool { !underWay.isEmpty }

    /// What to wait for until an answer has come or more can be sent; nil where nothing is under way.
    package var awaited: (socket: Int32, events: Int16)? { underWay.isEmpty ? nil : connection.awaited }

    /// Hands the server what waits for it.
    package func pump() throws { try connection.pump() }

    package func register(_ relation: UInt32, _ table: WindowTable) throws {
        window.register(relation, table)
        queued += try statements.forget(relation, connection)
    }

    /// Writes what the window holds into the open transaction of the server, which is for a source transaction that goes on.
    package func writePart(of lsn: LSN) throws {
        try sendPart(of: lsn)
        found = try settle(leaving: 0)
    }

    /// The same without waiting for the answers.
    package func sendPart(of lsn: LSN) throws {
        try begin(lsn)
        try writeRows()
        try sync(AppliedWindow(lsn: claimed, counts: [:]), isLast: false)
        window.removeAll()
    }

    /// Moves the watermark over transactions that had nothing for this applier. Not while a transaction is open.
    package func sendWatermark(through lsn: LSN) throws {
        precondition(open == nil, "a transaction is open")
        try claim(lsn, counts: [:])
        try sync(AppliedWindow(lsn: lsn, counts: [:]), isLast: true)
    }

    /// Writes the window and its commit; returns windows that are known to be committed meanwhile.
    package func write(through lsn: LSN) throws -> [AppliedWindow] {
        try send(through: lsn)
        return try settle(leaving: Self.underWayMax - 1)
    }

    /// The same without waiting for answers.
    package func send(through lsn: LSN) throws {
        let counts = window.counts
        var all = open?.counts ?? [:]
        for (table, change) in counts { all[table, default: .zero] += change }
        try claim(lsn, counts: all)
        try writeRows()
        // Statements between two syncs are a transaction, where no other was begun.
        if open != nil {
            try connection.queue(sql: "commit")
            queued += 1
        }
        try sync(AppliedWindow(lsn: lsn, counts: all), isLast: true)
        window.removeAll()
    }

    /// Reads the answers of windows under way until at most `count` of them are left; returns those that are committed.
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

    /// A statement on rows of one table, and the statements before it that make it ready.
    private struct Piece {
        /// Which statements of the run they are.
        let place: Range<Int>
        let kind: SetStatement.Kind
        let table: QualifiedName
    }

    /// What the statement at `index` of a run does.
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

    /// Opens the transaction of a source transaction that goes on, or notes what it gets more of.
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

    /// Moves the watermarks on from where they were left; nothing after it takes effect where one is elsewhere. A channel
    /// that is further already stays: it is being caught up with.
    private func claim(_ lsn: LSN, counts: [QualifiedName: ChangeCounts]) throws {
        precondition(lsn >= claimed, "the watermark never runs back")
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
            let splits = splitTables.contains(part.table.label) && !part.table.hasOwnColumns
            var deletes: [Int] = []
            var inserts: [Int] = []
            var updates: [Int] = []
            /// Those that left columns out, by what they set.
            var partialUpdates: [[Int]: [Int]] = [:]
            for (index, row) in part.rows.enumerated() {
                switch row.kind {
                case .nothing: break
                case .insert: inserts.append(index)
                case .delete: deletes.append(index)
                case .replace:
                    deletes.append(index)
                    inserts.append(index)
                case .update:
                    let isWhole = !window.hasUnchanged(row, part.table)
                    if splits, isWhole, !part.table.hasAlwaysIdentity {
                        deletes.append(index)
                        inserts.append(index)
                    } else if isWhole {
                        updates.append(index)
                    } else {
                        partialUpdates[window.sentColumns(row, part.table), default: []].append(index)
                    }
                }
            }
            try write(SetStatement(relation: relation, kind: .delete, set: []), part, deletes)
            let whole = part.table.settableIndexes
            if !whole.isEmpty {
                try write(SetStatement(relation: relation, kind: .update, set: whole), part, updates)
            }
            for (set, rows) in partialUpdates where !set.isEmpty {
                try write(SetStatement(relation: relation, kind: .update, set: set), part, rows)
            }
            try write(SetStatement(relation: relation, kind: .insert, set: []), part, inserts)
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
            // A value that is no number of its column's type is for the server to refuse, or to take.
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

    /// Packs the rows' values; false where one does not fit the type it is to travel as.
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
