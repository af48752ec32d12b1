import Journal
import Records

/// The COPY statements of a chunk.
enum ChunkSQL {
    /// Returns the statement that reads a chunk's rows. Servers from PostgreSQL 14 on read only the pages of
    /// a ctid range.
    static func copyOut(_ chunk: StoredChunk, columns: [Column]) -> String {
        let list = columns.map { quoteIdentifier($0.name) }.joined(separator: ", ")
        var conditions: [String] = []
        if chunk.firstPage > 0 { conditions.append("ctid >= '(\(chunk.firstPage),0)'::tid") }
        if let end = chunk.endPage { conditions.append("ctid < '(\(end),0)'::tid") }
        let filter = conditions.isEmpty ? "" : " where " + conditions.joined(separator: " and ")
        return "copy (select \(list) from only \(chunk.leaf.quoted)\(filter)) to stdout"
    }

    /// Returns the statement that writes rows of a table.
    static func copyIn(_ table: QualifiedName, columns: [Column]) -> String {
        // A table may have no column that travels; an empty list is no SQL.
        let list =
            columns.isEmpty ? "" : " (\(columns.map { quoteIdentifier($0.name) }.joined(separator: ", ")))"
        return "copy \(table.quoted)\(list) from stdin"
    }

    /// The file name in a chunk's progress row, as earlier versions wrote it. It need not be unique: the row
    /// has schema and table in columns of their own.
    static func fileName(_ chunk: StoredChunk) -> String {
        "\(chunk.table.schema.text).\(chunk.table.name.text)#\(chunk.generation)"
    }
}
