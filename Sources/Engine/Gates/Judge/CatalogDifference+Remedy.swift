import Records

/// What makes both sides equal, and what a difference does.
extension CatalogComparison.Difference {
    /// The statement for the destination that makes both sides equal; empty if there is no single one.
    package var remedy: String {
        switch self {
        case .missing(let object): return object.statement
        case .extra(let object): return Self.dropping(object)
        case .different(let origin, let destination):
            if origin.plainDefinition == destination.plainDefinition {
                return Self.setting(destination, as: origin)
            }
            switch origin.kind {
            case .defaultValue, .notNull: return origin.statement
            // What is on the view stays.
            case .view where !Self.isMaterialized(origin) && !Self.isMaterialized(destination):
                return origin.statement.replacing(
                    "create view", with: "create or replace view", maxReplacements: 1)
            case .index, .constraint, .trigger, .rule, .view:
                return origin.statement.isEmpty || origin.parent != nil
                    ? "" : "\(Self.dropping(destination)); \(origin.statement)"
            }
        }
    }

    private static func dropping(_ object: CatalogObject) -> String {
        let (table, name) = (object.table.quoted, quoteIdentifier(object.name))
        return switch object.kind {
        case .index: "drop index \(quoteIdentifier(object.table.schema)).\(name)"
        case .constraint: "alter table \(table) drop constraint \(name)"
        case .notNull: "alter table \(table) alter column \(name) drop not null"
        // It fires otherwise than its parent's, and goes with that one only.
        case .trigger where object.parent != nil: ""
        case .trigger: "drop trigger \(name) on \(table)"
        case .rule: "drop rule \(name) on \(table)"
        case .view: "drop \(isMaterialized(object) ? "materialized " : "")view \(table)"
        case .defaultValue where object.definition == noDefault: ""
        case .defaultValue: "alter table \(table) alter column \(name) drop default"
        }
    }

    /// The definition of a partition's column that lacks its root's default.
    private static let noDefault = "no default"

    private static func isMaterialized(_ view: CatalogObject) -> Bool {
        view.definition.hasPrefix("MATERIALIZED ")
    }

    /// Returns the statement that brings an object into the state of its counterpart, which is equal to it
    /// otherwise.
    private static func setting(_ object: CatalogObject, as origin: CatalogObject) -> String {
        let (table, name) = (object.table.quoted, quoteIdentifier(object.name))
        switch object.kind {
        case .trigger, .rule:
            let state = origin.state.isEmpty ? "enable" : origin.state.dropFirst().lowercased()
            let verb = state == "disabled" ? "disable" : state
            return "alter table \(table) \(verb) \(object.kind.rawValue) \(name)"
        case .constraint:
            return origin.state.isEmpty
                ? "alter table \(table) validate constraint \(name)"
                : "\(dropping(object)); \(origin.statement)"
        case .view:
            return "refresh materialized view \(table)" + (origin.state.isEmpty ? "" : " with no data")
        case .index, .notNull, .defaultValue: return origin.statement
        }
    }

    /// Whether the destination only has more, in a way that refuses no write and changes no row.
    var isHarmless: Bool {
        switch self {
        case .extra(let object):
            switch object.kind {
            case .index: !object.definition.hasPrefix("CREATE UNIQUE")
            case .view: true
            case .constraint, .notNull, .trigger, .rule, .defaultValue: false
            }
        case .different(let origin, let destination):
            // A materialized view that is filled on the destination only.
            origin.kind == .view && origin.plainDefinition == destination.plainDefinition
                && destination.state.isEmpty
        case .missing: false
        }
    }

    /// Whether it may be that both sides are equal, and servers of two releases print a view in other words.
    var maySayTheSame: Bool {
        guard case .different(let origin, let destination) = self, origin.kind == .view else { return false }
        return origin.plainDefinition != destination.plainDefinition
            && (destination.state.isEmpty || destination.state == origin.state)
    }
}
