import Postgres
import Records

/// Reads what the tables lack to be streamed from a server.
package func identityLacks(_ connection: borrowing PostgresConnection, _ tables: [QualifiedName]) throws
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
    /// Makes the refusal to publish tables, each with its remedy.
    ///
    /// - Parameter side: the side that has the tables
    init(_ lacks: [TableIdentity.Lack], on side: Side) {
        self.init(
            lacks.map {
                "\($0.name) on the \(side.rawValue) has a replica identity of \($0.found); \($0.remedy)"
            }
            .joined(separator: "\n") + "\nMend it, or exclude the table")
    }
}
