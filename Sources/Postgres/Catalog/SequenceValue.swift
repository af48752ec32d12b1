import Records

/// A column of a migrated table that owns a sequence or takes its values from one.
package struct SequenceColumn: Hashable, Sendable, Codable, CustomStringConvertible {
    package let table: QualifiedName
    package let name: Identifier

    package init(table: QualifiedName, name: Identifier) {
        self.table = table
        self.name = name
    }

    package var description: String { "\(table).\(name)" }
}

/// A sequence as the catalog defines it, with the columns of migrated tables that use it.
package struct SequenceDefinition: Sendable, Codable, Equatable {
    package let name: QualifiedName
    package let increment: Int64
    package let minimum: Int64
    package let maximum: Int64
    package let cycles: Bool
    /// Columns whose default or identity takes values from it.
    package var generates: [SequenceColumn]
    /// Columns that own it without taking their default from it.
    package var owners: [SequenceColumn]
    /// Whether any column of any table uses it.
    package let isUsed: Bool

    package init(
        name: QualifiedName, increment: Int64 = 1, minimum: Int64 = 1, maximum: Int64 = .max,
        cycles: Bool = false, generates: [SequenceColumn] = [], owners: [SequenceColumn] = [],
        isUsed: Bool? = nil
    ) {
        self.name = name
        self.increment = increment
        self.minimum = minimum
        self.maximum = maximum
        self.cycles = cycles
        self.generates = generates
        self.owners = owners
        self.isUsed = isUsed ?? !(generates.isEmpty && owners.isEmpty)
    }

    package var servesMigratedTable: Bool { !(generates.isEmpty && owners.isEmpty) }

    package var isDescending: Bool { increment < 0 }
}

/// The state of a sequence.
package struct SequenceValue: Sendable, Codable, Equatable {
    package let name: QualifiedName
    package let lastValue: Int64
    package let isCalled: Bool
    /// Nil in the journals of earlier versions, which matched sequences by name.
    package let definition: SequenceDefinition?

    package init(
        name: QualifiedName, lastValue: Int64, isCalled: Bool, definition: SequenceDefinition? = nil
    ) {
        self.name = name
        self.lastValue = lastValue
        self.isCalled = isCalled
        self.definition = definition
    }
}

extension PostgresConnection {
    /// Lists the sequences of the schemas, and those that the tables use, in name order.
    package func sequences(ofTables tables: [QualifiedName], inSchemas schemas: [String])
        throws(PostgresError) -> [SequenceDefinition]
    {
        var found: [SequenceDefinition] = []
        for row in try query(
            file: PackageResources.list_sequences_sql,
            [Self.textArray(tables.map(\.quoted)), Self.textArray(schemas)], doing: "list the sequences"
        ).rows {
            let name = QualifiedName(schema: row[0] ?? "", name: row[1] ?? "")
            if found.last?.name != name {
                func number(_ column: Int) -> Int64 { row[column].flatMap { Int64($0) } ?? 0 }
                found.append(
                    SequenceDefinition(
                        name: name, increment: number(2), minimum: number(3), maximum: number(4),
                        cycles: row[5] == "t", isUsed: row[6] == "t"))
            }
            guard let column = row[9] else { continue }
            let served = SequenceColumn(
                table: QualifiedName(schema: row[7] ?? "", name: row[8] ?? ""), name: Identifier(column))
            if row[10] == "t" {
                found[found.count - 1].generates.append(served)
            } else {
                found[found.count - 1].owners.append(served)
            }
        }
        return found
    }

    /// Reads the state of a sequence. With CACHE the value is the end of an allocated block, which is a safe
    /// bound.
    package func state(of sequence: SequenceDefinition) throws(PostgresError) -> SequenceValue {
        let row: [String?]
        do {
            row =
                try query(
                    "select last_value, is_called from \(sequence.name.quoted)",
                    doing: "read sequence \(sequence.name) at \(place)"
                ).rows.first ?? []
        } catch {
            throw error.mended(
                by: "grant select on sequence \(sequence.name.quoted) to \(quoteIdentifier(user))")
        }
        guard row.count == 2, let last = row[0].flatMap({ Int64($0) }) else {
            throw PostgresError(
                kind: .malformed, message: "the answer has no value",
                doing: "read sequence \(sequence.name) at \(place)")
        }
        return SequenceValue(
            name: sequence.name, lastValue: last, isCalled: row[1] == "t", definition: sequence)
    }

    /// Sets a sequence; false if there is none of that name.
    package func setSequence(_ value: SequenceValue) throws(PostgresError) -> Bool {
        guard
            try query(
                "select pg_catalog.to_regclass($1) is not null", [value.name.quoted],
                doing: "search for sequence \(value.name)"
            ).scalar == "t"
        else { return false }
        do {
            try query(
                "select pg_catalog.setval($1::regclass, $2, $3)",
                [value.name.quoted, String(value.lastValue), value.isCalled ? "t" : "f"],
                doing: "set sequence \(value.name) at \(place)")
        } catch {
            throw error.mended(
                by: "grant update on sequence \(value.name.quoted) to \(quoteIdentifier(user))")
        }
        return true
    }

    /// Returns the sequences that the role may not set; nil if it may set all.
    package func sequencesNotSettable(_ names: [QualifiedName]) throws(PostgresError) -> String? {
        try query(
            file: PackageResources.list_unsettable_sequences_sql, [Self.textArray(names.map(\.quoted))],
            doing: "read the rights on the sequences"
        ).scalar
    }

    /// Reads when the server was started; nil on YugabyteDB, whose nodes start one by one.
    package func startedAt() throws(PostgresError) -> String? {
        guard try !isYugabyteDB() else { return nil }
        return try query(
            "select extract(epoch from pg_catalog.pg_postmaster_start_time())::text",
            doing: "ask when the server was started"
        ).scalar
    }
}
