import Postgres

/// What is in the schemas of an export on the target, and is dropped by a clean start.
package struct TargetContents: Sendable {
    /// The names of each kind, in order.
    package let names: [(kind: String, names: [String])]
    /// The statements that drop all of it.
    let statements: [String]

    private static let shownMax = 10

    package var isEmpty: Bool { names.isEmpty }

    /// Reads what is in the schemas of the files.
    package init(_ access: DatabaseAccess, files: SchemaFiles) throws(SchemaError) {
        let scripts = try files.scripts()
        do {
            self = try Self(
                PostgresConnection(access, applicationName: "switchback import schema", settings: .reading),
                schemas: Self.schemas(of: scripts))
        } catch {
            throw .server(error)
        }
    }

    init(_ connection: borrowing PostgresConnection, schemas: [String]) throws(PostgresError) {
        let rows = try connection.query(
            file: PackageResources.list_contents_sql, [PostgresConnection.textArray(schemas)],
            doing: "list what is in the schemas"
        ).rows
        var names: [(kind: String, names: [String])] = []
        for row in rows {
            guard let kind = row[0], let name = row[1] else { continue }
            if names.last?.kind == kind {
                names[names.count - 1].names.append(name)
            } else {
                names.append((kind, [name]))
            }
        }
        self.names = names
        statements = rows.compactMap { $0[2] }
    }

    /// A line for each kind: how many there are, and the first of them.
    package var lines: [String] {
        names.map { kind, names in
            let more = names.count > Self.shownMax ? " and \(names.count - Self.shownMax) more" : ""
            return "\(kind): \(names.count) (\(names.prefix(Self.shownMax).joined(separator: ", "))\(more))"
        }
    }

    /// The schemas in which the files have objects.
    static func schemas(of scripts: [SchemaScript]) -> [String] {
        var found: Set<String> = []
        for object in scripts.flatMap(\.objects) {
            if let schema = object.header?.schema { found.insert(schema) }
            for statement in object.statements {
                guard let subject = StatementSubject.created(statement) else { continue }
                if subject.kind == .schema { found.insert(subject.parts[0]) }
                if subject.parts.count == 2, subject.kind != .trigger { found.insert(subject.parts[0]) }
            }
        }
        let kept = found.filter {
            !$0.hasPrefix("pg_") && $0 != "information_schema" && $0 != "ybvoyager_metadata"
        }
        return kept.sorted()
    }
}

extension ImportSession {
    /// Drops what is in the schemas of the files, and forgets what was applied.
    func clean(_ scripts: [SchemaScript], line: (String) -> Void) throws(SchemaError) {
        do {
            let contents = try TargetContents(connection, schemas: TargetContents.schemas(of: scripts))
            // YugabyteDB commits each statement by itself; the next clean start drops the rest.
            let statements = contents.statements.map { $0 + ";" }.joined(separator: "\n")
            if !statements.isEmpty {
                try connection.execute(statements, doing: "drop what is in the schemas")
            }
            for text in contents.lines { line("dropped \(text)") }
        } catch {
            throw .server(error)
        }
        try journal.clean()
    }
}
