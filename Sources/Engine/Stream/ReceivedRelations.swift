import Records

/// The relations that the server has described in this run of the capture, by index, with the facts that each
/// change needs.
struct ReceivedRelations {
    /// The facts that are read for each change.
    struct Facts {
        /// The last segment that has the relation message.
        var segment = -1
        /// Commits below this LSN are already in the table's rows.
        let snapshotLSN: LogPosition
        /// The counter's tally of its table, once the log has the relation message.
        var tally = 0
        /// Whether its rows are barriers.
        let isOfBarriers: Bool
    }

    private var indexes = RelationIndexes()
    private var facts: [Facts] = []
    private var messages: [(name: QualifiedName, bytes: [UInt8])] = []

    /// Adds a relation, or replaces what is known of it.
    ///
    /// - Parameter bytes: the relation message
    mutating func add(_ relation: RelationMessage, _ bytes: [UInt8], snapshotLSN: LogPosition) {
        let index = indexes.add(relation.id)
        let new = Facts(snapshotLSN: snapshotLSN, isOfBarriers: relation.name == Barrier.table)
        if index == facts.count {
            facts.append(new)
            messages.append((relation.name, bytes))
        } else {
            facts[index] = new
            messages[index] = (relation.name, bytes)
        }
    }

    @inline(__always) func index(of relation: UInt32) -> Int? { indexes.index(of: relation) }

    @inline(__always) subscript(index: Int) -> Facts { facts[index] }

    func name(_ index: Int) -> QualifiedName { messages[index].name }

    func message(_ index: Int) -> [UInt8] { messages[index].bytes }

    /// Records that a segment has the relation message, and the counter a tally.
    mutating func logged(_ index: Int, in segment: Int, tally: Int) {
        facts[index].segment = segment
        facts[index].tally = tally
    }
}
