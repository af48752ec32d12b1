import Postgres
import Records

/// Which sequences of the origin a cutover carries over: those that serve migrated tables. A value; it asks nothing.
///
/// A sequence that no column uses is the application's own, as for invoice numbers. It goes along where the migration takes
/// its schemas whole; where the operator named tables, nobody has chosen it.
struct SequenceChoice: Sendable, Equatable {
    let carried: [SequenceDefinition]
    let left: [QualifiedName]

    init(_ found: [SequenceDefinition], tablesAreNamed: Bool) {
        func isCarried(_ sequence: SequenceDefinition) -> Bool {
            sequence.servesMigratedTable || !sequence.isUsed && !tablesAreNamed
        }
        carried = found.filter(isCarried)
        left = found.filter { !isCarried($0) }.map(\.name)
    }
}
