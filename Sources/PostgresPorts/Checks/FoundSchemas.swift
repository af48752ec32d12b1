import Engine
import Postgres
import Records

/// What a role finds of the schemas of a migration.
struct FoundSchemas: Equatable {
    /// Those that do not exist.
    let missing: [String]
    /// Those in which the role may name nothing. Other facts of their tables cannot be read.
    let notUsable: [String]

    /// Those of the tables whose facts the role can read.
    func usable(_ tables: [Table]) -> [Table] {
        tables.filter { !notUsable.contains($0.name.schema.text) }
    }

    func missing(on side: Side) -> [CheckResult] {
        missing.map { schema in
            CheckResult(
                side: side, name: "schema \(schema)", state: .failure, found: "not there",
                wanted: "a schema", remedy: "name the schemas as the catalog spells them")
        }
    }

    func unusable(on side: Side, by user: String) -> [CheckResult] {
        notUsable.map { schema in
            let grant = "usage on schema \(quoteIdentifier(schema))"
            let role = quoteIdentifier(user)
            return CheckResult(
                side: side, name: "right to use schema \(schema)", state: .failure, found: "missing",
                wanted: "USAGE; without it the tables there are not checked",
                remedy: "grant \(grant) to \(role)",
                fix: CheckFix(["grant \(grant) to \(role)"], undo: ["revoke \(grant) from \(role)"]))
        }
    }
}

extension FoundSchemas {
    init(_ connection: borrowing PostgresConnection, _ record: MigrationRecord) throws {
        var (missing, notUsable): ([String], [String]) = ([], [])
        for schema in record.schemas {
            let mayUse = try connection.query(
                "select pg_catalog.has_schema_privilege(oid, 'usage') from pg_catalog.pg_namespace where "
                    + "nspname = $1", [schema], doing: "search for schema \(schema)")
            if mayUse.rows.isEmpty {
                missing.append(schema)
            } else if mayUse.scalar != "t" {
                notUsable.append(schema)
            }
        }
        self.init(missing: missing, notUsable: notUsable)
    }
}
