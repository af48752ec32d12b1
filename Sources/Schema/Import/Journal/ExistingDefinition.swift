import Postgres
import Records

/// The comparison of an object that exists with the statement that would create it.
enum ExistingDefinition: Equatable {
    case same
    /// How it differs, as parts of a sentence.
    case differs([String])
    /// The definitions of its kind are not compared.
    case unknown

    /// The name under which the statement's object is created for the comparison, among the temporary ones.
    private static let name = "switchback_compared"

    /// Compares within a transaction that the caller rolls back to where it was.
    init(_ statement: SQLStatement, _ connection: borrowing PostgresConnection) throws(PostgresError) {
        guard let subject = StatementSubject.subjects(of: statement).last, subject.isCreated else {
            self = .unknown
            return
        }
        if statement.createdIndex != nil {
            self = try Self.compareIndex(statement, subject, connection)
            return
        }
        switch subject.kind {
        case .relation, .type, .routine: self = try Self.compareCopies(statement, subject, connection)
        case .schema, .extension: self = .same
        case .constraint, .trigger, .rule, .policy, .statistics: self = .unknown
        }
    }

    private static func compareIndex(
        _ statement: SQLStatement, _ index: StatementSubject, _ connection: borrowing PostgresConnection
    ) throws(PostgresError) -> Self {
        let row = try connection.query(
            file: PackageResources.read_index_state_sql, [index.quoted], doing: "read an index"
        ).rows.first
        guard let definition = row?[1] else { return .differs(["it is no index"]) }
        guard row?[0] == "t" else { return .differs(["it is not valid"]) }
        guard let there = tree(definition), let here = tree(statement.text) else { return .unknown }
        return there.isEqual(here) ? .same : .differs(["it is defined by: \(definition)"])
    }

    private static func tree(_ sql: String) -> Node? {
        do { return try SQLParser.statements(of: sql).first } catch { return nil }
    }

    /// Creates the statement's object a second time as a temporary one, and compares the two.
    private static func compareCopies(
        _ statement: SQLStatement, _ subject: StatementSubject, _ connection: borrowing PostgresConnection
    ) throws(PostgresError) -> Self {
        do {
            try connection.execute(copy(of: statement, subject), doing: "create an object to compare")
        } catch {
            guard error.kind == .server else { throw error }
            return .unknown
        }
        guard let (there, here) = try objects(subject, connection), let there, let here else {
            return .differs(["it is of another kind"])
        }
        let isThere = try parts(of: there, connection)
        let isHere = try parts(of: here, connection)
        var differences: [String] = []
        // pg_dump creates a view that is part of a circle without its query, and replaces it later.
        let isPlaceholder = statement.contains(["as", "select", "null"], depth: 0)
        for (part, value) in isHere.sorted(by: { $0.key < $1.key }) where isThere[part] != value {
            if part == "query", isPlaceholder { continue }
            if part == "query" || part == "body" {
                differences.append("its \(part) is another one")
            } else if let other = isThere[part] {
                differences.append("\(part) is \(other) there and \(value) in the file")
            } else {
                differences.append("\(part) is missing there")
            }
        }
        for part in isThere.keys.sorted() where isHere[part] == nil {
            differences.append("\(part) is not in the file")
        }
        return differences.isEmpty ? .same : .differs(differences)
    }

    /// Returns the statement with another name. A materialized view is compared as a view.
    private static func copy(of statement: SQLStatement, _ subject: StatementSubject) -> String {
        let bytes = Array(statement.text.utf8)
        let end =
            statement.tokens.indices.contains(subject.tokens.upperBound)
            ? statement.tokens[subject.tokens.upperBound].offset : bytes.count
        let kind = statement.tokens[..<subject.tokens.lowerBound].map(\.text)
            .filter { !["unlogged", "materialized", "if", "not", "exists"].contains($0) }
        var rest = String(decoding: bytes[end...], as: UTF8.self)
        if statement.begins(["create", "materialized"]), statement.ends(["with", "no", "data"]) {
            let with = statement.tokens[statement.tokens.count - 3].offset
            rest = String(decoding: bytes[end..<max(end, with)], as: UTF8.self) + ";"
        }
        return kind.joined(separator: " ") + " pg_temp.\(name) " + (rest.isEmpty ? ";" : rest)
    }

    /// Returns the object ids of the existing object and of its copy.
    private static func objects(_ subject: StatementSubject, _ connection: borrowing PostgresConnection)
        throws(PostgresError) -> (String?, String?)?
    {
        let doing = "find an object and its copy"
        let row: [String?]?
        switch subject.kind {
        case .relation:
            row = try connection.query(
                "select to_regclass($1)::oid::text, to_regclass('pg_temp.\(name)')::oid::text",
                [subject.quoted], doing: doing
            ).rows.first
        case .type:
            row = try connection.query(
                "select to_regtype($1)::oid::text, to_regtype('pg_temp.\(name)')::oid::text",
                [subject.quoted], doing: doing
            ).rows.first
        case .routine:
            // A routine without a schema is where the files' other names without one are.
            let schema = subject.parts.count == 2 ? subject.parts[0] : SchemaModel.defaultSchema
            row = try connection.query(
                file: PackageResources.find_equal_routine_sql, [name, schema, subject.parts.last],
                doing: doing
            ).rows.first
        case .schema, .extension, .constraint, .trigger, .rule, .policy, .statistics: return nil
        }
        guard let row, row.count == 2 else { return nil }
        return (row[0], row[1])
    }

    private static func parts(of object: String, _ connection: borrowing PostgresConnection)
        throws(PostgresError) -> [String: String]
    {
        let rows = try connection.query(
            file: PackageResources.describe_definition_sql, [object], doing: "read a definition"
        ).rows
        return Dictionary(rows.map { ($0[0] ?? "", $0[1] ?? "") }) { first, _ in first }
    }
}

extension Node {
    /// Whether the other is the same tree, wherever it was written.
    func isEqual(_ other: Node) -> Bool {
        let own = fields.filter { !$0.isPlace }
        let others = other.fields.filter { !$0.isPlace }
        return kind == other.kind && own.count == others.count
            && zip(own, others).allSatisfy { $0.name == $1.name && $0.value.isEqual($1.value) }
    }
}

extension Node.Field {
    fileprivate var isPlace: Bool { ["location", "stmt_location", "stmt_len"].contains(name) }
}

extension Node.Value {
    fileprivate func isEqual(_ other: Node.Value) -> Bool {
        switch (self, other) {
        case (.node(let own), .node(let node)): own.isEqual(node)
        case (.list(let own), .list(let list)):
            own.count == list.count && zip(own, list).allSatisfy { $0.isEqual($1) }
        case (.text, _), (.number, _), (.flag, _), (.null, _), (.node, _), (.list, _): self == other
        }
    }
}
