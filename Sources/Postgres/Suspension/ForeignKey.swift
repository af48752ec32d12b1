import Records

/// A foreign key as the catalog has it, with what it takes to drop it and to bring it back as it was.
package struct ForeignKey: Sendable, Equatable {
    /// The key on one table: on the one it was declared for, or on a partition of it.
    package struct Part: Sendable, Equatable {
        package let table: QualifiedName
        package let name: String
        /// The definition without NOT VALID.
        package let definition: String
        package let isValidated: Bool
        /// Whether the table is partitioned, and has no rows of its own.
        package let isPartitioned: Bool
        package let comment: String?

        package init(
            table: QualifiedName, name: String, definition: String, isValidated: Bool, isPartitioned: Bool,
            comment: String?
        ) {
            self.table = table
            self.name = name
            self.definition = definition
            self.isValidated = isValidated
            self.isPartitioned = isPartitioned
            self.comment = comment
        }
    }

    /// The key on its own table first, then on the partitions, those of higher levels first.
    package let parts: [Part]
    /// The table that it refers to, quoted.
    package let referenced: String
    package let refersToPartitioned: Bool
    /// Whether the role may drop it.
    package let mayAlter: Bool
    /// Whether its own table is one of those that were asked for.
    package let isOfTables: Bool

    package init(
        parts: [Part], referenced: String, refersToPartitioned: Bool, mayAlter: Bool, isOfTables: Bool
    ) {
        self.parts = parts
        self.referenced = referenced
        self.refersToPartitioned = refersToPartitioned
        self.mayAlter = mayAlter
        self.isOfTables = isOfTables
    }

    package var table: QualifiedName { parts[0].table }
    package var name: String { parts[0].name }

    /// The statement that drops it, on all its tables.
    package var dropping: String {
        "alter table \(table.quoted) drop constraint if exists \(quoteIdentifier(name))"
    }

    /// A step of bringing it back. The last step in `restoration` is performed first.
    package enum Step: Sendable, Equatable {
        /// New rows obey after it. It reads no rows where that is possible.
        case enforce(Part, statement: String)
        /// Old rows obey after it, or the key of the partitions becomes one.
        case finish(Part, statement: String)
    }

    /// The steps of bringing it back, in the reverse of their order.
    ///
    /// A server before 18 adds no NOT VALID key to a partitioned table. So each partition gets its key, which
    /// is validated, and the root's key then adopts these without reading rows. A NOT VALID key that refers
    /// to a partitioned table would leave parts of itself NOT VALID for ever. Such a key is added as a whole.
    package var restoration: [Step] {
        let root = parts[0]
        if refersToPartitioned || !root.isPartitioned {
            let isWhole = refersToPartitioned && root.isValidated
            let enforce = Step.enforce(root, statement: adding(root, valid: isWhole))
            return isWhole || !root.isValidated
                ? [enforce] : [.finish(root, statement: validating(root)), enforce]
        }
        let leaves = parts.filter { !$0.isPartitioned }
        return parts.filter(\.isPartitioned).map { .finish($0, statement: adding($0, valid: true)) }
            + leaves.map { .finish($0, statement: validating($0)) }
            + leaves.map { .enforce($0, statement: adding($0, valid: false)) }
    }

    private func adding(_ part: Part, valid: Bool) -> String {
        let name = quoteIdentifier(part.name)
        var statements = [
            "alter table \(part.table.quoted) add constraint \(name) \(part.definition)"
                + (valid ? "" : " not valid")
        ]
        // The partitions of a key that is added as a whole get theirs with it.
        for commented in valid && refersToPartitioned ? parts : [part] {
            guard let comment = commented.comment else { continue }
            statements.append(
                "comment on constraint \(quoteIdentifier(commented.name)) on \(commented.table.quoted) is "
                    + quoteLiteral(comment))
        }
        return ConditionalStatements.text(
            of: statements,
            if: "pg_catalog.to_regclass(\(quoteLiteral(part.table.quoted))) is not null and "
                + "pg_catalog.to_regclass(\(quoteLiteral(referenced))) is not null and not "
                + Self.exists(part))
    }

    private func validating(_ part: Part) -> String {
        ConditionalStatements.text(
            of: ["alter table \(part.table.quoted) validate constraint \(quoteIdentifier(part.name))"],
            if: Self.exists(part, and: " and not convalidated"))
    }

    private static func exists(_ part: Part, and more: String = "") -> String {
        "exists (select from pg_catalog.pg_constraint where conrelid = "
            + "pg_catalog.to_regclass(\(quoteLiteral(part.table.quoted))) and conname = "
            + "\(quoteLiteral(part.name)) and contype = 'f'\(more))"
    }
}

extension PostgresConnection {
    private static var notValid: String { " NOT VALID" }

    /// Lists the foreign keys of the tables and their partitions, and those that refer to them, that are
    /// checked in ordinary sessions. It is called in a transaction, whose search_path it changes.
    package func foreignKeys(of tables: [QualifiedName]) throws(PostgresError) -> [ForeignKey] {
        let doing = "search for foreign keys"
        // The definitions then name every table with its schema.
        try execute("set local search_path = pg_catalog", doing: doing)
        var found: [(top: String?, rows: [[String?]])] = []
        for row in try query(
            file: PackageResources.list_foreign_keys_sql, [Self.textArray(tables.map(\.quoted))], doing: doing
        ).rows {
            if found.last?.top == row[0], !found.isEmpty {
                found[found.count - 1].rows.append(row)
            } else {
                found.append((row[0], [row]))
            }
        }
        return found.map { key in
            ForeignKey(
                parts: key.rows.map(Self.part), referenced: key.rows[0][8] ?? "",
                refersToPartitioned: key.rows[0][7] == "t", mayAlter: key.rows.allSatisfy { $0[10] == "t" },
                isOfTables: key.rows[0][11] == "t")
        }
    }

    private static func part(_ row: [String?]) -> ForeignKey.Part {
        let definition = row[4] ?? ""
        return ForeignKey.Part(
            table: QualifiedName(schema: row[1] ?? "", name: row[2] ?? ""), name: row[3] ?? "",
            definition: definition.hasSuffix(notValid)
                ? String(definition.dropLast(notValid.count)) : definition,
            isValidated: row[5] == "t", isPartitioned: row[6] == "t", comment: row[9])
    }
}
