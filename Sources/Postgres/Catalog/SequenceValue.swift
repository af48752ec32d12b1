import Records

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
                    Self.reading(sequence.name),
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

    /// The statement that reads the state of a sequence.
    package static func reading(_ sequence: QualifiedName) -> String {
        "select last_value, is_called from \(sequence.quoted)"
    }

    /// The statement that sets a sequence: its name, its last value, and whether it was given out.
    package static var settingSequence: String { "select pg_catalog.setval($1::regclass, $2, $3)" }

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
                Self.settingSequence,
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
