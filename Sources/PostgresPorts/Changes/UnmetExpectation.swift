import Engine
import Postgres
import Records

extension CheckedRun.Unmet {
    /// Returns the error that apply has to throw for an answer that was not as expected.
    ///
    /// - Parameters:
    ///   - lsn: where the transaction that is applied commits
    ///   - place: the destination's server, for messages
    ///   - changed: the tables that the transaction has changed
    ///   - name: the name of a relation
    func error(
        in lsn: LSN, at place: String, changed: [QualifiedName], name: (UInt32) -> QualifiedName?
    ) -> any Error {
        let (error, expectation): (PostgresError, CheckedRun.Expectation)
        switch self {
        case .rows(let rows, let relation, let commitLSN):
            return ChangeFailure(name(relation), metRows: rows, in: commitLSN)
        case .error(let refusal, let expected): (error, expectation) = (refusal, expected)
        }
        // The tables that the statement writes; none for the metadata tables.
        let written: [QualifiedName] =
            switch expectation {
            case .oneRow(let relation, _): [name(relation)].compactMap(\.self)
            case .anyRows(let relations): relations.compactMap(name)
            case .watermarkLock, .watermark: []
            case .nothing, .end: changed
            }
        // The error is about the server and not about a change.
        guard !error.condition.isPassing else {
            return error.named("apply changes to \(ApplyIncident.words(written))")
        }
        switch expectation {
        case .watermarkLock where error.sqlState == "22012": return ApplyInterruption.watermarkMoved
        case .watermark where error.sqlState == "22012":
            return RequestRefused(
                "the watermark at \(place) did not move to \(lsn): another process applies to this database, "
                    + "or its row in ybvoyager_metadata was changed; see who else runs, then start again")
        case .oneRow(let relation, let commitLSN):
            return ChangeFailure(name(relation), error, in: commitLSN, place: place)
        case .anyRows(let relations) where relations.count == 1:
            return ChangeFailure(name(relations[0]), error, in: lsn, place: place)
        case .nothing, .watermarkLock, .watermark, .anyRows, .end:
            return ChangeFailure(error, of: written, in: lsn, isEnd: expectation == .end)
        }
    }
}
