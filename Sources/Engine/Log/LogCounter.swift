import Postgres
import Records

/// Counts what a leg's segment log holds: the last commit, and the changes by table. The same value counts when the
/// capture appends and when a recovery reads, so that totals are exact after any crash. It decides nothing and does
/// no I/O.
package struct LogCounter: Sendable {
    package private(set) var lastCommitLSN: LSN
    /// Transactions with at least one change, but for those that are marked as ours.
    package private(set) var transactions: Int64
    package private(set) var total: ChangeCounts

    /// One for every table ever counted; a change is counted by its place here, for it is counted in the hottest loop.
    private var tables: [Tally] = []
    private var placeOfName: [QualifiedName: Int] = [:]
    private var relations = RelationIndexes()
    /// By the relation's place, that of its table.
    private var placeOfRelation: [Int] = []
    /// Places with changes of the open transaction.
    private var touched: [Int] = []
    private var openHasChanges = false
    private var openIsOwn = false

    private struct Tally: Sendable {
        let name: QualifiedName
        /// Of complete transactions.
        var counted: ChangeCounts
        /// Of the open one.
        var open = ChangeCounts.zero
        var isTouched = false
    }

    package init(
        lastCommitLSN: LSN, transactions: Int64, counts: [QualifiedName: ChangeCounts],
        openCounts: [QualifiedName: ChangeCounts] = [:]
    ) {
        self.lastCommitLSN = lastCommitLSN
        self.transactions = transactions
        total = counts.values.reduce(.zero, +)
        for (name, count) in counts { tables[place(of: name)].counted = count }
        for (name, count) in openCounts {
            let place = place(of: name)
            tables[place].open += count
            touch(place)
        }
    }

    /// Complete transactions only.
    package var counts: [QualifiedName: ChangeCounts] {
        var counts: [QualifiedName: ChangeCounts] = [:]
        for tally in tables where tally.counted != .zero { counts[tally.name] = tally.counted }
        return counts
    }

    package var openCounts: [QualifiedName: ChangeCounts] {
        var counts: [QualifiedName: ChangeCounts] = [:]
        for place in touched { counts[tables[place].name] = tables[place].open }
        return counts
    }

    /// Follows one message that is in the log.
    package mutating func follow(_ message: RawSpan) throws {
        var cursor = MessageCursor()
        switch try cursor.byte(in: message) {
        case MessageKind.begin: discardOpenTransaction()
        case MessageKind.relation:
            if case .relation(let relation) = try ChangeMessage.decode(message) {
                note(relation.id, at: place(of: relation.name))
            }
        case let letter where Self.isRowChange(letter):
            count(letter, at: place(ofRelation: try cursor.uint32(in: message)))
        case MessageKind.truncate: openHasChanges = true
        case MessageKind.message: if try Barrier.marksOwn(message) { openIsOwn = true }
        case MessageKind.commit:
            _ = try cursor.byte(in: message)
            commit(LSN(bytes: try cursor.uint64(in: message)))
        default: break
        }
    }

    static func isRowChange(_ letter: UInt8) -> Bool {
        letter == MessageKind.insert || letter == MessageKind.update || letter == MessageKind.delete
    }

    /// Where the table of a relation that was followed is counted: what `count` takes.
    mutating func place(ofRelation relation: UInt32) -> Int {
        if let known = relations.index(of: relation) { return placeOfRelation[known] }
        let place = place(of: "unknown")
        note(relation, at: place)
        return place
    }

    /// The same as following a message with one row's change of the table.
    mutating func count(_ letter: UInt8, at place: Int) {
        switch letter {
        case MessageKind.insert: tables[place].open.inserts += 1
        case MessageKind.update: tables[place].open.updates += 1
        default: tables[place].open.deletes += 1
        }
        touch(place)
    }

    private mutating func place(of name: QualifiedName) -> Int {
        if let place = placeOfName[name] { return place }
        tables.append(Tally(name: name, counted: .zero))
        placeOfName[name] = tables.count - 1
        return tables.count - 1
    }

    private mutating func note(_ relation: UInt32, at place: Int) {
        let known = relations.add(relation)
        if known == placeOfRelation.count {
            placeOfRelation.append(place)
        } else {
            placeOfRelation[known] = place
        }
    }

    private mutating func touch(_ place: Int) {
        openHasChanges = true
        if !tables[place].isTouched {
            tables[place].isTouched = true
            touched.append(place)
        }
    }

    private mutating func commit(_ lsn: LSN) {
        precondition(lsn >= lastCommitLSN, "commits are logged in the order of their positions")
        lastCommitLSN = lsn
        if openHasChanges, !openIsOwn { transactions += 1 }
        for place in touched {
            tables[place].counted += tables[place].open
            total += tables[place].open
        }
        discardOpenTransaction()
    }

    /// Forgets the transaction that has no commit; the server sends it again, whole.
    package mutating func discardOpenTransaction() {
        // One after the other: they are few, and emptying an array while it keeps its room takes longer than that.
        while let place = touched.popLast() {
            tables[place].open = .zero
            tables[place].isTouched = false
        }
        openHasChanges = false
        openIsOwn = false
    }
}
