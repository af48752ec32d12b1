/// A trigger, rule or event trigger that also fires in replica sessions: for the rows that Switchback
/// applies, or for its DDL.
package struct AlwaysTrigger: Sendable, Codable, Equatable {
    /// The kind of the object that fires.
    package enum Kind: String, Sendable, Codable {
        case trigger
        case rule
        case eventTrigger = "event trigger"
    }

    package let kind: Kind
    /// Nil for an event trigger.
    package let table: QualifiedName?
    package let name: String
    /// Whether it fires for replicated rows only (ENABLE REPLICA), and not for all (ENABLE ALWAYS).
    package let isOfReplicasOnly: Bool

    /// `trigger audit on public.orders`
    package var words: String { "\(kind.rawValue) \(Identifier(name))" + (table.map { " on \($0)" } ?? "") }

    /// The statement after which it fires only in the application's own sessions.
    package var remedy: String {
        switch kind {
        case .trigger, .rule:
            "alter table \(table?.quoted ?? "") enable \(kind.rawValue) \(quoteIdentifier(name))"
        case .eventTrigger: "alter event trigger \(quoteIdentifier(name)) enable"
        }
    }

    /// The statement that has it fire as it does now.
    package var undo: String {
        let mode = isOfReplicasOnly ? "replica" : "always"
        return switch kind {
        case .trigger, .rule:
            "alter table \(table?.quoted ?? "") enable \(mode) \(kind.rawValue) \(quoteIdentifier(name))"
        case .eventTrigger: "alter event trigger \(quoteIdentifier(name)) enable \(mode)"
        }
    }

    package init(kind: Kind, table: QualifiedName?, name: String, isOfReplicasOnly: Bool = false) {
        self.kind = kind
        self.table = table
        self.name = name
        self.isOfReplicasOnly = isOfReplicasOnly
    }
}
