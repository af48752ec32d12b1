import Postgres
import Records

/// The relations the server has announced in this run of the capture, by places, with what every change asks of its own.
struct AnnouncedRelations {
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

    private var places = RelationPlaces()
    private var facts: [Facts] = []
    private var announcements: [(name: QualifiedName, bytes: [UInt8])] = []

    /// - Parameter bytes: the message that announces it.
    mutating func announce(_ relation: RelationMessage, _ bytes: [UInt8], snapshotLSN: LSN) {
        let place = places.add(relation.id)
        let new = Facts(snapshotLSN: snapshotLSN, isOfBarriers: relation.name == Barrier.table)
        if place == facts.count {
            facts.append(new)
            announcements.append((relation.name, bytes))
        } else {
            facts[place] = new
            announcements[place] = (relation.name, bytes)
        }
    }

    @inline(__always) func place(of relation: UInt32) -> Int? { places.place(of: relation) }

    @inline(__always) subscript(place: Int) -> Facts { facts[place] }

    func name(_ place: Int) -> QualifiedName { announcements[place].name }

    func announcement(_ place: Int) -> [UInt8] { announcements[place].bytes }

    /// It is in a segment of the log, and the counter has it.
    mutating func logged(_ place: Int, in segment: Int, countedAt counted: Int) {
        facts[place].loggedIn = segment
        facts[place].countedAt = counted
    }
}
