import Postgres
import Records

/// The relations the server has announced in this run of the capture, by their indexes, with what every change asks of its own.
struct ReceivedRelations {
    /// What is looked up of a relation for every change.
    struct Facts {
        /// The segment in which it was logged last.
        var loggedIn = -1
        /// Commits below it are in the table's rows already.
        let snapshotLSN: LSN
        /// Where the counter counts it, once it is logged.
        var countedAt = 0
        /// Its rows are barriers.
        let isOfBarriers: Bool
    }

    private var indexes = RelationIndexes()
    private var facts: [Facts] = []
    private var announcements: [(name: QualifiedName, bytes: [UInt8])] = []

    /// - Parameter bytes: the message that announces it.
    mutating func announce(_ relation: RelationMessage, _ bytes: [UInt8], snapshotLSN: LSN) {
        let index = indexes.add(relation.id)
        let new = Facts(snapshotLSN: snapshotLSN, isOfBarriers: relation.name == Barrier.table)
        if index == facts.count {
            facts.append(new)
            announcements.append((relation.name, bytes))
        } else {
            facts[index] = new
            announcements[index] = (relation.name, bytes)
        }
    }

    @inline(__always) func index(of relation: UInt32) -> Int? { indexes.index(of: relation) }

    @inline(__always) subscript(index: Int) -> Facts { facts[index] }

    func name(_ index: Int) -> QualifiedName { announcements[index].name }

    func announcement(_ index: Int) -> [UInt8] { announcements[index].bytes }

    /// It is in a segment of the log, and the counter has it.
    mutating func logged(_ index: Int, in segment: Int, countedAt counted: Int) {
        facts[index].loggedIn = segment
        facts[index].countedAt = counted
    }
}
