import Postgres
import Records

/// A change that did not meet the row it should have, or that the destination refused.
package struct ApplyIncident: Error, Sendable, CustomStringConvertible {
    /// The table of the change; several where the server refused a whole transaction, none where it refused the metadata tables.
    package let tables: [QualifiedName]
    package let commitLSN: LSN
    package let reason: String

    package var description: String {
        "the change of the transaction at \(commitLSN) cannot be applied to \(ChangeFailure.words(tables)): \(reason); the transaction was rolled "
            + "back and nothing after it was applied. Look at that table on the destination, mend it, and start again"
    }
}

/// Why a change, or what carries it, was not applied. The transaction is void, or back at its savepoint.
struct ChangeFailure: Error {
    /// See `ApplyIncident.tables`.
    let tables: [QualifiedName]
    let commitLSN: LSN
    var sqlState = ""
    var constraint: Identifier?
    let reason: String
    /// It speaks of this change alone: without it the others would go on.
    let isIncident: Bool
    /// It speaks of the table: no change of it can be applied.
    var doesNotFit: TableDoesNotFit?

    var asStop: ApplyIncident { ApplyIncident(tables: tables, commitLSN: commitLSN, reason: reason) }
}

extension ChangeFailure {
    /// The tables for a message.
    static func words(_ tables: [QualifiedName]) -> String {
        tables.isEmpty ? "the tables in \(PostgresConnection.metadataSchema)" : tables.listed
    }

    /// A change of `table` that met as many rows in place of one.
    init(_ table: QualifiedName?, metRows rows: Int, in lsn: LSN) {
        self.init(
            tables: [table].compactMap(\.self), commitLSN: lsn,
            reason: rows == 0 ? "the row it changes is not there" : "it met \(rows) rows instead of one",
            isIncident: true)
    }

    /// A change of `table` that the destination refused.
    init(_ table: QualifiedName?, _ error: PostgresError, in lsn: LSN, place: String) {
        self.init(
            tables: [table ?? error.table].compactMap(\.self), commitLSN: lsn, sqlState: error.sqlState,
            constraint: error.constraint, reason: "\(error)", isIncident: IncidentClass.holds(error.sqlState),
            doesNotFit: table.flatMap { TableDoesNotFit($0, error, place: place) })
    }

    /// What carries the changes was refused. At the end of a transaction that speaks of one of its changes: a deferred
    /// constraint is checked there.
    ///
    /// - Parameter tables: what the transaction, or the statement, has written.
    init(_ error: PostgresError, of tables: [QualifiedName], in lsn: LSN, isEnd: Bool) {
        self.init(
            tables: error.table.map { [$0] } ?? tables, commitLSN: lsn, sqlState: error.sqlState,
            constraint: error.constraint, reason: "\(error)",
            isIncident: isEnd && IncidentClass.holds(error.sqlState))
    }
}

extension TableDoesNotFit {
    /// Where the server's error says so.
    fileprivate init?(_ table: QualifiedName, _ error: PostgresError, place: String) {
        if SchemaErrorClass.contains(error.sqlState) {
            self.init(table: table, reason: "\(error)")
        } else if error.sqlState == "23514", error.constraint == nil {
            // A check that is no constraint: no partition takes the row.
            self.init(
                table: table, cause: .partition, reason: "no partition at \(place) takes a row of it")
        } else {
            return nil
        }
    }
}

/// The watermark is not where it was read: a transaction of an earlier process has come through since.
struct WatermarkMoved: Error {}
