/// A kind of objects of the schema, under the name that `--object-type-list` takes. Each kind has one file
/// under `schema/`.
package enum SchemaObjectType: String, CaseIterable, Codable, Sendable, Hashable {
    case schema = "SCHEMA"
    case collation = "COLLATION"
    case `extension` = "EXTENSION"
    case type = "TYPE"
    case domain = "DOMAIN"
    case sequence = "SEQUENCE"
    case table = "TABLE"
    case index = "INDEX"
    case function = "FUNCTION"
    case aggregate = "AGGREGATE"
    case procedure = "PROCEDURE"
    case view = "VIEW"
    case trigger = "TRIGGER"
    case materializedView = "MVIEW"
    case rule = "RULE"
    case comment = "COMMENT"
    case conversion = "CONVERSION"
    case foreignTable = "FOREIGN TABLE"
    case policy = "POLICY"
    case `operator` = "OPERATOR"
    /// Any other kind that pg_dump writes: statistics, text search, casts.
    case uncategorized = "UNCATEGORIZED"

    /// The file below `schema/`.
    package var path: String {
        switch self {
        case .index: "tables/INDEXES_table.sql"
        case .foreignTable: "tables/foreign_table.sql"
        case .policy: "policies/policy.sql"
        case .uncategorized: "uncategorized.sql"
        case .schema, .collation, .extension, .type, .domain, .sequence, .table, .function, .aggregate,
            .procedure, .view, .trigger, .materializedView, .rule, .comment, .conversion, .operator:
            "\(rawValue.lowercased())s/\(rawValue.lowercased()).sql"
        }
    }

    /// Returns the kind of a dump's object, by the type in its comment line. If pg_dump uses one type for two
    /// kinds, the object's first statement decides.
    init(dumpType: String, firstStatement: SQLStatement?) {
        let alters = { (words: [String]) in firstStatement?.begins(["alter"] + words) ?? false }
        switch dumpType {
        case "SCHEMA": self = .schema
        case "COLLATION": self = .collation
        case "EXTENSION": self = .extension
        case "TYPE", "SHELL TYPE": self = .type
        case "DOMAIN": self = .domain
        // An identity column also has the type SEQUENCE, and needs its table.
        case "SEQUENCE": self = alters(["table"]) ? .table : .sequence
        case "DEFAULT": self = alters(["foreign", "table"]) ? .foreignTable : .table
        case "CHECK CONSTRAINT": self = alters(["domain"]) ? .domain : .table
        case "TABLE", "CONSTRAINT", "FK CONSTRAINT", "ROW SECURITY", "TABLE ATTACH", "SEQUENCE OWNED BY":
            self = .table
        case "FOREIGN TABLE": self = .foreignTable
        case "INDEX", "INDEX ATTACH": self = .index
        case "FUNCTION": self = .function
        case "AGGREGATE": self = .aggregate
        case "PROCEDURE": self = .procedure
        case "VIEW": self = .view
        case "TRIGGER": self = .trigger
        case "MATERIALIZED VIEW": self = .materializedView
        case "RULE": self = .rule
        case "COMMENT": self = .comment
        case "CONVERSION": self = .conversion
        case "POLICY": self = .policy
        case "OPERATOR", "OPERATOR FAMILY", "OPERATOR CLASS": self = .operator
        default: self = .uncategorized
        }
    }
}
