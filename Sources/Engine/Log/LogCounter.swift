import Records

/// Counts of one leg's log: the last commit LSN, the transactions, and the changes by table. A value without
/// I/O.
///
/// The same code counts when the capture appends and when a recovery reads, so that totals are exact after
/// any crash.
package struct LogCounter: Sendable {
    /// The greatest commit LSN in the log; see `CaptureLog` for why it identifies a transaction.
    package private(set) var lastCommitLSN: LogPosition
    /// Transactions with at least one change, except those that are marked as ours.
    package private(set) var transactions: Int64
    package private(set) var total: ChangeCounts

    /// A tally for each table ever counted. A change is counted by the tally's index, because that is the
    /// hottest loop.
    private var tallies: [Tally] = []
    private var tallyOfName: [QualifiedName: Int] = [:]
    private var relations = RelationIndexes()
    /// Index of the table's tally, by the relation's index.
    private var tallyOfRelation: [Int] = []
    /// Indexes of the tallies with changes of the open transaction.
    private var touched: [Int] = []
    private var openHasChanges = false
    private var openIsOwn = false

    /// The counts of one table.
    private struct Tally: Sendable {
        let name: QualifiedName
        /// Changes of complete transactions.
        var counted: ChangeCounts
        /// Changes of the open transaction.
        var open = ChangeCounts.zero
        var isTouched = false
    }

    package init(
        lastCommitLSN: LogPosition, transactions: Int64, counts: [QualifiedName: ChangeCounts],
        openCounts: [QualifiedName: ChangeCounts] = [:]
    ) {
        self.lastCommitLSN = lastCommitLSN
        self.transactions = transactions
        total = counts.values.reduce(.zero, +)
        for (name, count) in counts { tallies[tally(of: name)].counted = count }
        for (name, count) in openCounts {
            let tally = tally(of: name)
            tallies[tally].open += count
            touch(tally)
        }
    }

    /// Changes by table, of complete transactions.
    package var counts: [QualifiedName: ChangeCounts] {
        var counts: [QualifiedName: ChangeCounts] = [:]
        for tally in tallies where tally.counted != .zero { counts[tally.name] = tally.counted }
        return counts
    }

    /// Changes by table, of the open transaction.
    package var openCounts: [QualifiedName: ChangeCounts] {
        var counts: [QualifiedName: ChangeCounts] = [:]
        for tally in touched { counts[tallies[tally].name] = tallies[tally].open }
        return counts
    }

    /// Counts one message of the log.
    package mutating func add(_ message: RawSpan) throws {
        var cursor = MessageCursor()
        switch try cursor.byte(in: message) {
        case MessageKind.begin: discardOpenTransaction()
        case MessageKind.relation:
            if case .relation(let relation) = try ChangeMessage.decode(message) {
                set(relation.id, tally: tally(of: relation.name))
            }
        case let letter where Self.isRowChange(letter):
            add(change: letter, tally: tally(ofRelation: try cursor.uint32(in: message)))
        case MessageKind.truncate: openHasChanges = true
        case MessageKind.message: if try Barrier.marksOwn(message) { openIsOwn = true }
        case MessageKind.commit:
            _ = try cursor.byte(in: message)
            commit(LogPosition(number: try cursor.uint64(in: message)))
        // Nothing else is counted; `CaptureLog` and the readers of the log refuse unknown letters.
        default: break
        }
    }

    static func isRowChange(_ letter: UInt8) -> Bool {
        letter == MessageKind.insert || letter == MessageKind.update || letter == MessageKind.delete
    }

    /// Returns the index of the tally of a relation whose message was counted.
    mutating func tally(ofRelation relation: UInt32) -> Int {
        if let known = relations.index(of: relation) { return tallyOfRelation[known] }
        let tally = tally(of: "unknown")
        set(relation, tally: tally)
        return tally
    }

    /// Counts one insert, update or delete, given by its letter, without reading its message.
    mutating func add(change letter: UInt8, tally: Int) {
        switch letter {
        case MessageKind.insert: tallies[tally].open.inserts += 1
        case MessageKind.update: tallies[tally].open.updates += 1
        default: tallies[tally].open.deletes += 1
        }
        touch(tally)
    }

    private mutating func tally(of name: QualifiedName) -> Int {
        if let tally = tallyOfName[name] { return tally }
        tallies.append(Tally(name: name, counted: .zero))
        tallyOfName[name] = tallies.count - 1
        return tallies.count - 1
    }

    private mutating func set(_ relation: UInt32, tally: Int) {
        let index = relations.add(relation)
        if index == tallyOfRelation.count {
            tallyOfRelation.append(tally)
        } else {
            tallyOfRelation[index] = tally
        }
    }

    private mutating func touch(_ tally: Int) {
        openHasChanges = true
        if !tallies[tally].isTouched {
            tallies[tally].isTouched = true
            touched.append(tally)
        }
    }

    private mutating func commit(_ lsn: LogPosition) {
        precondition(lsn >= lastCommitLSN, "commits are logged in the order of their LSNs")
        lastCommitLSN = lsn
        if openHasChanges, !openIsOwn { transactions += 1 }
        for tally in touched {
            tallies[tally].counted += tallies[tally].open
            total += tallies[tally].open
        }
        discardOpenTransaction()
    }

    /// Discards the counts of the transaction without a commit; the server sends it again, whole.
    package mutating func discardOpenTransaction() {
        // Removed one by one: for few entries that is faster than removeAll(keepingCapacity:).
        while let tally = touched.popLast() {
            tallies[tally].open = .zero
            tallies[tally].isTouched = false
        }
        openHasChanges = false
        openIsOwn = false
    }
}
