import CPgQuery

/// PostgreSQL's own parser, with the grammar of PostgreSQL 15. This file alone calls libpg_query.
///
/// The library keeps its memory for each thread, so calls from many threads do not meet.
enum SQLParser {
    /// The major version of PostgreSQL whose grammar this is.
    static let major = 15

    /// Returns the statements of a text, as the nodes `RawStmt` have them.
    static func statements(of sql: String) throws(SyntaxFault) -> [Node] {
        try refuseZeroBytes(sql)
        // Sound: the string lives for the length of the call, and the answer is freed once, after its copy.
        let result = unsafe pg_query_parse(sql)
        defer { unsafe pg_query_free_parse_result(result) }
        if let error = unsafe result.error { throw unsafe fault(error, in: sql) }
        return try TreeReader.read(unsafe copy(result.parse_tree)).nodes.first?.nodes("stmts")
            .compactMap { $0.node("stmt") } ?? []
    }

    /// Returns the bodies in PL/pgSQL of a CREATE FUNCTION, CREATE PROCEDURE or DO.
    static func bodies(of sql: String) throws(SyntaxFault) -> [Node] {
        try refuseZeroBytes(sql)
        // Sound: as above.
        let result = unsafe pg_query_parse_plpgsql(sql)
        defer { unsafe pg_query_free_plpgsql_parse_result(result) }
        if let error = unsafe result.error { throw unsafe fault(error, in: sql) }
        return try TreeReader.read(unsafe copy(result.plpgsql_funcs)).nodes
    }

    private static func refuseZeroBytes(_ sql: String) throws(SyntaxFault) {
        guard let zero = sql.utf8.firstIndex(of: 0) else { return }
        throw SyntaxFault(
            reason: "the statement contains a NUL byte",
            offset: sql.utf8.distance(from: sql.startIndex, to: zero))
    }

    /// Returns the fault of a call. The library counts characters from 1; 0 says that it knows no place.
    @unsafe private static func fault(_ error: UnsafeMutablePointer<PgQueryError>, in sql: String)
        -> SyntaxFault
    {
        // Sound: the library filled the struct, and frees it only after this copy.
        let message = unsafe error.pointee.message.map { unsafe String(cString: $0) } ?? "it cannot be parsed"
        let position = unsafe Int(error.pointee.cursorpos)
        guard position > 0 else { return SyntaxFault(reason: message) }
        let scalars = sql.unicodeScalars
        let index =
            scalars.index(scalars.startIndex, offsetBy: position - 1, limitedBy: scalars.endIndex)
            ?? scalars.endIndex
        return SyntaxFault(
            reason: message, offset: sql.utf8.distance(from: sql.utf8.startIndex, to: index))
    }

    /// Returns the bytes of a text of the library, up to its end.
    @unsafe private static func copy(_ text: UnsafeMutablePointer<CChar>?) -> [UInt8] {
        guard let text = unsafe text else { return [] }
        // Sound: the library ends its texts with a zero byte.
        return unsafe Array(String(cString: text).utf8)
    }
}
