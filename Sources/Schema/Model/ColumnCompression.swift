/// The COMPRESSION of a column, as CREATE TABLE or ALTER TABLE sets it.
struct ColumnCompression: Equatable, Sendable {
    let column: String
    /// `pglz`, `lz4` or `default`.
    let method: String
    /// The byte at which the column is defined; nil for a column that is altered.
    let location: Int?
    /// The byte at which the column's type begins; nil for a column that is altered.
    let typeOffset: Int?

    /// Its finding.
    var match: Match { Match(detail: column, offset: location) }
}

extension Node {
    /// The compressions that a statement sets. pg_dump writes each as an ALTER TABLE of its own.
    var compressions: [ColumnCompression] {
        let defined = nodes("tableElts") + commands("AT_AddColumn").compactMap { $0.node("def") }
        return defined.compactMap { column in
            column.text("compression").map {
                ColumnCompression(
                    column: column.text("colname") ?? "", method: $0, location: column.location ?? 0,
                    typeOffset: column.node("typeName")?.location ?? column.location ?? 0)
            }
        }
            + commands("AT_SetCompression").map {
                ColumnCompression(
                    column: $0.text("name") ?? "", method: $0.node("def")?.string ?? "", location: nil,
                    typeOffset: nil)
            }
    }
}

extension Rule.Search {
    /// Finds the columns that get one of some compressions.
    static func compression(
        _ applies: @escaping @Sendable (String, Subject) -> Bool = { _, _ in true }
    ) -> Rule.Search {
        .statement(["CreateStmt", "AlterTableStmt"]) { node, subject in
            node.compressions.filter { applies($0.method, subject) }.map(\.match)
        }
    }
}
