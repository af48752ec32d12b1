import Journal
import Records

/// The name of a chunk's file below `data/`: `public.orders.1.0_data.sql`, from table, generation and number
/// of the chunk.
///
/// No two tables share a name. Any byte other than an ASCII letter, a digit, `_` or `-` is written as `%` and
/// two hexadecimal digits, so that a dot only separates. A name that is too long for a file system ends with
/// the number of the table.
enum ChunkFileName {
    /// Most file systems allow 255 bytes; the rest is for generation, number and ending.
    static let tableBytesMax = 200

    /// - Parameter tableNumber: the number of the table in the list of the migration
    static func path(_ chunk: StoredChunk, tableNumber: Int) -> String {
        "data/\(name(of: chunk.table, number: tableNumber)).\(chunk.generation).\(chunk.number)_data.sql"
    }

    static func name(of table: QualifiedName, number: Int) -> String {
        let whole = encoded(table.schema) + "." + encoded(table.name)
        guard whole.utf8.count > tableBytesMax else { return whole }
        let ending = "~\(number)"
        return whole.prefix(tableBytesMax - ending.utf8.count) + ending
    }

    private static func encoded(_ name: Identifier) -> String {
        name.text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                || scalar == "_" || scalar == "-"
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(scalar) : "%" + (byte < 16 ? "0" : "") + digits
        }.joined()
    }
}
