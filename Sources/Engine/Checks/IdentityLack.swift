import Postgres
import Records

/// What is missing on a server that is to stream the tables.
func identityLacks(_ connection: borrowing PostgresConnection, _ tables: [QualifiedName]) throws
    -> [TableIdentity.Lack]
{
    guard try connection.isYugabyteDB() else {
        return try connection.identities(of: tables).flatMap(\.lacks)
    }
    let names = Set(tables)
    return try connection.tables(inSchemas: Set(tables.map(\.schema)).sorted().map(\.text))
        .filter { names.contains($0.name) }.compactMap(TableIdentity.lackOnYugabyteDB)
}

extension RequestRefused {
    /// Why tables are not published, each with what mends it.
    ///
    /// - Parameter side: where they are
    init(_ lacks: [TableIdentity.Lack], on side: Side) {
        self.init(
            lacks.map {
                "\($0.name) on the \(side.rawValue) has a replica identity of \($0.found); \($0.remedy)"
            }
            .joined(separator: "\n") + "\nMend it, or leave the table out")
    }
}
