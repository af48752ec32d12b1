import Records

/// The sequences of the origin that a cutover carries over: those that serve migrated tables. A value without
/// I/O.
///
/// A sequence that no column uses belongs to the application, for invoice numbers for example. It is carried
/// over if whole schemas are migrated. If the operator named tables, it is not, because nobody has chosen it.
package struct SequenceChoice: Sendable, Equatable {
    package let carried: [SequenceDefinition]
    package let left: [QualifiedName]

    package init(_ found: [SequenceDefinition], tablesAreNamed: Bool) {
        func isCarried(_ sequence: SequenceDefinition) -> Bool {
            sequence.servesMigratedTable || !sequence.isUsed && !tablesAreNamed
        }
        carried = found.filter(isCarried)
        left = found.filter { !isCarried($0) }.map(\.name)
    }
}
