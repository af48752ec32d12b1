import Engine
import Postgres
import Records

/// Reads what the tables lack to be streamed from a server.
func identityLacks(_ connection: borrowing PostgresConnection, _ tables: [QualifiedName]) throws
    -> [TableIdentity.Lack]
{
    guard try connection.isYugabyteDB() else {
        return try connection.identities(of: tables).flatMap(\.lacks)
    }
    let names = Set(tables)
    let found = try connection.tables(inSchemas: Set(tables.map(\.schema)).sorted().map(\.text))
        .filter { names.contains($0.name) }
    return try found.compactMap(TableIdentity.lackOnYugabyteDB)
        + connection.identities(of: found.map(\.name)).flatMap(\.lacksOnYugabyteDB)
}

extension FilteredTables {
    init(_ connection: borrowing PostgresConnection, _ tables: [Table]) throws {
        self.init(names: try connection.filteredTables(among: tables), user: connection.user)
    }
}

extension TableFacts {
    init(_ connection: borrowing PostgresConnection, _ record: MigrationRecord) throws {
        self.init(
            tables: try connection.tables(inSchemas: record.schemas),
            others: try connection.otherRelations(inSchemas: record.schemas))
    }
}

extension TableChoice {
    /// Reads the choice of a migration on one server.
    init(_ connection: borrowing PostgresConnection, _ record: MigrationRecord) throws {
        self.init(try TableFacts(connection, record), record)
    }
}

extension PostgresConnection {
    /// Reads what a migration of the tables does not carry.
    func uncarriedObjects(of tables: [QualifiedName], _ record: MigrationRecord)
        throws(PostgresError) -> [UncarriedObject]
    {
        let target = record.forms.target.user
        return try uncarriedObjects(
            inSchemas: record.schemas, owner: target.isEmpty ? user : target, tables: tables)
    }
}
