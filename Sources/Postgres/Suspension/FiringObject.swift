import Records

/// A trigger or a rule of the application that fires for the rows of an ordinary session.
package struct FiringObject: Sendable, Equatable {
    /// The kind of the object, as ALTER TABLE names it.
    package enum Kind: String, Sendable {
        case trigger
        case rule
    }

    package let kind: Kind
    package let table: QualifiedName
    package let name: String
    /// Whether it fires in replica sessions, too (ENABLE ALWAYS).
    package let isAlways: Bool

    package init(kind: Kind, table: QualifiedName, name: String, isAlways: Bool) {
        self.kind = kind
        self.table = table
        self.name = name
        self.isAlways = isAlways
    }

    /// The statement that turns it off. Before version 15 a server copies the trigger of a partitioned table
    /// to partitions as one of its own, which only the statement for the root reaches.
    package func disabling(serverVersion: Int) -> String {
        let only = serverVersion >= 150_000 ? "only " : ""
        return "alter table \(only)\(table.quoted) disable \(kind.rawValue) \(quoteIdentifier(name))"
    }

    /// The statement that brings it back as it was; it does nothing if the object is gone.
    package func enabling(serverVersion: Int) -> String {
        let only = serverVersion >= 150_000 ? "only " : ""
        let (catalog, owner, column) =
            switch kind {
            case .trigger: ("pg_trigger", "tgrelid", "tgname")
            case .rule: ("pg_rewrite", "ev_class", "rulename")
            }
        return ConditionalStatements.text(
            of: [
                "alter table \(only)\(table.quoted) enable \(isAlways ? "always " : "")\(kind.rawValue) "
                    + quoteIdentifier(name)
            ],
            if: "exists (select from pg_catalog.\(catalog) where \(owner) = "
                + "pg_catalog.to_regclass(\(quoteLiteral(table.quoted))) and "
                + "\(column) = \(quoteLiteral(name)))"
        )
    }
}

/// SQL text that runs statements if a condition holds.
enum ConditionalStatements {
    static func text(of statements: [String], if condition: String) -> String {
        "do "
            + quoteLiteral(
                "begin if \(condition) then \(statements.joined(separator: "; ")); end if; end")
    }
}

/// Objects whose table belongs to another role, which alone may alter it.
package struct TablesOfOthers: Error, Equatable {
    package let tables: [QualifiedName]

    package init(tables: [QualifiedName]) { self.tables = tables }
}

extension PostgresConnection {
    /// Whether triggers and foreign keys do not fire for the rows that this session writes.
    package func isReplica() throws(PostgresError) -> Bool {
        try query(
            "select pg_catalog.current_setting('session_replication_role') = 'replica'",
            doing: "read session_replication_role"
        ).scalar == "t"
    }

    /// Lists the triggers and rules of the tables and their partitions that fire in ordinary sessions.
    ///
    /// - Parameter fence: the name of our own triggers
    /// - Throws: `TablesOfOthers` if the role may not alter one of their tables
    package func firingObjects(on tables: [QualifiedName], without fence: String) throws -> [FiringObject] {
        let rows = try query(
            file: PackageResources.list_firing_objects_sql,
            [Self.textArray(tables.map(\.quoted)), fence], doing: "search for triggers"
        ).rows
        func table(_ row: [String?]) -> QualifiedName {
            QualifiedName(schema: row[1] ?? "", name: row[2] ?? "")
        }
        let others = Set(rows.filter { $0[5] != "t" }.map(table))
        guard others.isEmpty else { throw TablesOfOthers(tables: others.sorted()) }
        return rows.compactMap { row in
            FiringObject.Kind(rawValue: row[0] ?? "").map {
                FiringObject(kind: $0, table: table(row), name: row[3] ?? "", isAlways: row[4] == "A")
            }
        }
    }
}
