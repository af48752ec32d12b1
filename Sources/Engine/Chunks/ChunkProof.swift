import Journal
import Records

/// The proof that a file has the rows that were exported to it, of its table and its columns. It comes before
/// the first row is written.
enum ChunkProof {
    /// Returns why the file of a chunk is not imported; nil if it may be.
    ///
    /// - Parameters:
    ///   - found: what was counted in the file
    ///   - columns: those that the import will fill, in order
    ///   - chunks: all of the migration; read only to name the other table whose rows the file has
    static func refusal(
        of chunk: StoredChunk, found: ChunkFile.Tally, columns: [Identifier],
        among chunks: () throws -> [StoredChunk]
    ) rethrows -> String? {
        // An earlier version kept only the number of rows, which is compared when the server has counted
        // them.
        guard let written = chunk.contents else { return nil }
        let path = chunk.filePath ?? "the file"
        let again =
            "bring the right file back, or begin again with `export data from source --start-clean true`"
        guard isSame(found, written) else {
            let other = try chunks().first { $0.contents.map { isSame(found, $0) } ?? false }
            let words =
                other.map {
                    "it contains what was exported of \($0.table) to \($0.filePath ?? "another file")"
                }
                ?? "it contains \(found.lines) rows in \(found.bytes) bytes, and \(written.rows) rows in "
                + "\(written.bytes) bytes were exported, or it was changed"
            return "\(path) is not what was exported of \(chunk.table): \(words); \(again)"
        }
        guard written.columns == columns else {
            return
                "\(path) has the columns (\(written.columns.listed)) of \(chunk.table), and the import would "
                + "fill (\(columns.listed)); \(again)"
        }
        return nil
    }

    /// Returns why a file of an earlier version is not imported: that version gave several tables the same
    /// file name. Nil if it may be.
    static func refusalOfShared(_ path: String, by chunks: [StoredChunk]) -> String? {
        let tables = Set(chunks.filter { $0.filePath == path }.map(\.table)).sorted()
        guard tables.count > 1 else { return nil }
        return
            "\(path) was written for \(tables.listed), and contains the rows of one of them; begin again "
            + "with `export data from source --start-clean true`"
    }

    private static func isSame(_ found: ChunkFile.Tally, _ written: ChunkContents) -> Bool {
        found.bytes == written.bytes && found.crc32c == written.crc32c && found.lines == written.rows
    }
}
