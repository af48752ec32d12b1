import Engine
import Postgres
import Records

/// The checks of the databases' encodings. All text is sent as UTF-8.
enum EncodingChecks {
    private static let unnamed = "SQL_ASCII"

    /// Checks the encoding of one side; returns nothing if it refuses no text.
    ///
    /// - Parameters:
    ///   - own: the encoding of the database
    ///   - other: the encoding of the database on the other side; nil if it is unknown
    ///   - isRead: whether rows are copied or streamed from the database
    ///   - isWritten: whether rows are written to it
    static func run(_ side: Side, own: String, other: String?, isRead: Bool, isWritten: Bool) -> [CheckResult]
    {
        if own == unnamed {
            // Such a database takes every byte and does not say in which encoding.
            guard isRead else { return [] }
            return [
                CheckResult(
                    side: side, name: "encoding", state: .warning, found: own,
                    wanted:
                        "texts that are valid UTF-8: any other one stops the copy or the stream [SQLSTATE "
                        + "22021]",
                    remedy: "find and rewrite the rows whose texts are of another encoding, before the start")
            ]
        }
        guard isWritten, own != "UTF8", own != other else { return [] }
        return [
            CheckResult(
                side: side, name: "encoding", state: .warning, found: own,
                wanted: "UTF8: a character that \(own) lacks is refused [SQLSTATE 22P05]"
                    + (other.map { "; the other side has \($0)" } ?? ""),
                remedy: side == .target
                    ? "create the target database with encoding 'UTF8' template template0"
                    : "after the cutover, let the application write no character that \(own) lacks, or give "
                        + "up the fall-back"
            )
        ]
    }
}

/// What `export schema` says about the encoding of the source.
enum EncodingNotice {
    /// Returns the lines about what differs on a target in UTF-8, which is YugabyteDB's only encoding, and
    /// what would be lost; none if the source is in UTF-8, too.
    static func lines(_ encoding: String) -> [String] {
        switch encoding {
        case "UTF8": []
        case "SQL_ASCII":
            [
                "encoding: the source has SQL_ASCII, which takes every byte; the target has UTF8",
                "encoding: a text that is not valid UTF-8 is not carried: it stops the copy or the stream "
                    + "[SQLSTATE 22021]; find and rewrite these texts before the export of data",
            ]
        default:
            [
                "encoding: the source has \(encoding), the target UTF8; all texts are converted, and none is "
                    + "lost on the way to the target",
                "encoding: on the way back, a character that \(encoding) lacks is refused [SQLSTATE 22P05]; "
                    + "with a fall-back, let the application write no such character",
                "encoding: octet_length(), ascii(), chr(), convert_to() and casts from text to bytea give "
                    + "other values for the same text; check where schema/ uses them",
            ]
        }
    }
}

extension DatabaseChecks {
    /// Checks the encoding of a side against that of the other one, if this process can reach it.
    static func encoding(
        _ side: Side, _ connection: borrowing PostgresConnection, _ context: RoleContext, forFallBack: Bool
    ) -> [CheckResult] {
        guard let own = connection.parameterStatus("server_encoding") else { return [] }
        let other: Side = side == .source ? .target : .source
        return EncodingChecks.run(
            side, own: own, other: context.has(other) ? encoding(of: other, context) : nil,
            isRead: side == .source || forFallBack, isWritten: side == .target || forFallBack)
    }

    /// Returns nil if the side cannot be reached; its own check says why.
    private static func encoding(of side: Side, _ context: RoleContext) -> String? {
        do { return try context.connect(side, as: "check").parameterStatus("server_encoding") } catch {
            return nil
        }
    }
}
