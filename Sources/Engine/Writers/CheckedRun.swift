import Postgres
import Records

/// Statements on their way to the destination, and what is expected of each: the pipeline of `ChangeApplier`, which asks
/// for the answers before it commits.
///
/// After a thrown error the transaction is void, or to be taken back to its savepoint.
final class CheckedRun {
    let connection: PostgresConnection
    private var expectations: [Expectation] = []
    private var bytes = 0

    /// Answers are read after as many statements, so that neither side holds more of them.
    private static let statementsMax = 2000
    private static let bytesMax = 8 << 20
    /// Between two looks for answers.
    private static let statementsPerPump = 64

    enum Expectation: Equatable {
        case nothing
        /// The watermark is where this applier left it.
        case watermarkLock
        /// Exactly one row of this relation, by a change of the transaction that commits there.
        case oneRow(UInt32, LSN)
        /// Any number of rows of these relations.
        case anyRows([UInt32])
        /// The watermarks that are held are there to be moved.
        case watermark
        /// The transaction ends; what was put off until then is checked.
        case end
    }

    /// What was expected and did not come.
    enum Unmet: Error {
        /// A change of this relation met as many rows in place of one.
        case rows(Int, UInt32, LSN)
        /// A statement with this expectation was refused.
        case error(PostgresError, Expectation)
    }

    init(_ connection: consuming PostgresConnection) throws {
        try connection.prepareClaim()
        try connection.enterPipeline()
        self.connection = connection
    }

    /// So much is queued that answers are to be read before more is.
    var isFull: Bool { expectations.count >= Self.statementsMax || bytes >= Self.bytesMax }

    /// A statement was queued on the connection.
    func expect(_ expectation: Expectation) { expectations.append(expectation) }

    func queue(_ sql: String, _ expectation: Expectation = .nothing) throws {
        try connection.queue(sql: sql)
        expect(expectation)
    }

    /// What a change is in the log, which is about what its statement takes.
    func carries(bytes count: Int) throws {
        bytes += count
        if expectations.count % Self.statementsPerPump == 0 { try connection.pump() }
    }

    /// Reads the answers of all that is queued and checks each; throws `Unmet` of the first that is not as expected, and a
    /// `PostgresError` of the connection itself.
    func settle() throws {
        guard !expectations.isEmpty else { return }
        var wrong: Unmet?
        let expected = expectations
        expectations.removeAll(keepingCapacity: true)
        bytes = 0
        do {
            try connection.drain(count: expected.count) { index, rows in
                switch expected[index] {
                case .nothing, .watermarkLock, .watermark, .end, .anyRows: break
                case .oneRow(let relation, let lsn):
                    if rows != 1, wrong == nil { wrong = .rows(rows, relation, lsn) }
                }
            }
        } catch {
            guard !error.error.isConnectionLoss, error.index < expected.count else { throw error.error }
            throw Unmet.error(error.error, expected[error.index])
        }
        if let wrong { throw wrong }
    }
}
