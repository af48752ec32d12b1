import Engine
import Postgres
import Records

/// The failure of a change, or of a statement that carries it. The transaction is void, or back at its
/// savepoint.
struct ChangeFailure: Error {
    /// See `ApplyIncident.tables`.
    let tables: [QualifiedName]
    let commitLSN: LSN
    var sqlState = ""
    var constraint: Identifier?
    let reason: String
    /// Whether only this change is refused, so that the others could be applied without it.
    let isIncident: Bool
    /// Set if no change of the table can be applied.
    var doesNotFit: TableDoesNotFit?

    var asStop: ApplyIncident { ApplyIncident(tables: tables, commitLSN: commitLSN, reason: reason) }
}

extension ChangeFailure {
    /// Makes the failure of a change of `table` that met `rows` rows instead of one.
    init(_ table: QualifiedName?, metRows rows: Int, in lsn: LSN) {
        self.init(
            tables: [table].compactMap(\.self), commitLSN: lsn,
            reason: rows == 0 ? "the row it changes is not there" : "it met \(rows) rows instead of one",
            isIncident: true)
    }

    /// Makes the failure of a change of `table` that the destination refused.
    init(_ table: QualifiedName?, _ error: PostgresError, in lsn: LSN, place: String) {
        self.init(
            tables: [table ?? error.table].compactMap(\.self), commitLSN: lsn, sqlState: error.sqlState,
            constraint: error.constraint, reason: "\(error)",
            isIncident: IncidentClass.contains(error.sqlState),
            doesNotFit: table.flatMap { TableDoesNotFit($0, error, place: place) })
    }

    /// Makes the failure of a statement that carries changes. If the end of the transaction is refused, the
    /// cause is one of its changes: deferred constraints are checked there.
    ///
    /// - Parameter tables: the tables that the transaction, or the statement, has written
    init(_ error: PostgresError, of tables: [QualifiedName], in lsn: LSN, isEnd: Bool) {
        self.init(
            tables: error.table.map { [$0] } ?? tables, commitLSN: lsn, sqlState: error.sqlState,
            constraint: error.constraint, reason: "\(error)",
            isIncident: isEnd && IncidentClass.contains(error.sqlState))
    }
}

extension TableDoesNotFit {
    /// Makes the mismatch that the server's error reports; nil if it reports none.
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
