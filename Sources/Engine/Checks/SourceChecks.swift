import Postgres
import Records

/// What of the source can be migrated, and by this role.
extension DatabaseChecks {
    static func source(
        _ connection: borrowing PostgresConnection, _ record: MigrationRecord, forFallBack: Bool
    ) throws -> [CheckResult] {
        var results: [CheckResult] = []
        let user = quoteIdentifier(connection.user)
        for schema in record.schemas {
            let there = try connection.query(
                "select to_regnamespace($1) is not null", [quoteIdentifier(schema)],
                doing: "look for schema \(schema)")
            if there.scalar != "t" {
                results.append(
                    CheckResult(
                        side: .source, name: "schema \(schema)", state: .failure, found: "not there",
                        wanted: "a schema",
                        remedy: "name the schemas as the catalog spells them"))
            }
        }
        let choice = try TableChoice(connection, record)
        let tables = choice.tables
        // Where a schema is not there, that is the one thing to say.
        if results.isEmpty || !tables.isEmpty {
            results.append(
                CheckResult(
                    side: .source, name: "tables", state: tables.isEmpty ? .failure : .ok,
                    found: "\(tables.count)",
                    wanted: tables.isEmpty ? "at least one" : "",
                    remedy: tables.isEmpty ? "name other schemas" : ""))
        }
        if let refused = rootsBefore13(.source, tables, serverVersion: connection.serverVersion) {
            results.append(refused)
        }
        // The lists are judged until the migration begins.
        results += refused(
            (record.legs.isEmpty ? choice.listRefusals : []) + choice.partRefusals, .source)
        results += try identities(.source, connection, tables.map(\.name))
        results += try rowSecurity(.source, connection, tables)
        let rights = try connection.query(
            "select n.nspname, c.relname, has_table_privilege(c.oid, 'select'), pg_catalog.pg_has_role(c.relowner, 'usage') "
                + "from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
                + "where n.nspname = any ($1::text[]) and c.relkind in ('r', 'p') and c.relpersistence = 'p'",
            [PostgresConnection.textArray(record.schemas)], doing: "read the rights on the tables")
        let chosen = Set(tables.map(\.name))
        // A partition is read by its own name, under rights of its own.
        let read = chosen.union(tables.flatMap(\.leaves))
        for row in rights.rows {
            let name = QualifiedName(schema: row[0] ?? "", name: row[1] ?? "")
            guard read.contains(name) else { continue }
            if row[2] != "t" {
                results.append(
                    CheckResult(
                        side: .source, name: "right to read \(name)", state: .failure, found: "missing",
                        wanted: "SELECT",
                        remedy: "grant select on \(name.quoted) to \(user)"))
            }
            if row[3] != "t", chosen.contains(name) {
                results.append(
                    CheckResult(
                        side: .source, name: "ownership of \(name)", state: .failure, found: "another role's",
                        wanted: "the owner's role, to publish it", remedy: "grant the owner's role to \(user)"
                    ))
            }
        }
        if forFallBack { results.append(try replicaRole(.source, connection)) }
        results += try notCarried(connection, record, choice)
        return results
    }
}
