import Engine
import Postgres
import Records

/// The pipeline of `ChangeApplier`: statements that were sent to the destination, and the expected answer of
/// each. The applier reads the answers before it commits.
///
/// After a thrown error the transaction is void, or has to be rolled back to its savepoint.
final class CheckedRun {
    let connection: PostgresConnection
    private var expectations: [Expectation] = []
    private var bytes = 0

    /// Answers are read after this many statements, which bounds what either side buffers.
    private static let statementsMax = 2000
    private static let bytesMax = 8 << 20
    /// Statements between two attempts to read answers.
    private static let statementsPerPump = 64

    /// The expected answer of a statement.
    enum Expectation: Equatable {
        case nothing
        /// The watermarks are as this applier left them.
        case watermarkLock
        /// Exactly one row of this relation, changed by the transaction that commits at this LSN.
        case oneRow(UInt32, LSN)
        /// Any number of rows of these relations.
        case anyRows([UInt32])
        /// The locked watermarks move.
        case watermark
        /// The transaction ends; deferred constraints are checked.
        case end
    }

    /// An answer that is not as expected.
    enum Unmet: Error {
        /// A change of this relation met this many rows instead of one.
        case rows(Int, UInt32, LSN)
        /// A statement with this expectation was refused.
        case error(PostgresError, Expectation)
    }

    init(_ connection: consuming PostgresConnection) throws {
        try connection.prepareClaim()
        try connection.enterPipeline()
        self.connection = connection
    }

    /// Whether answers must be read before more is queued.
    var isFull: Bool { expectations.count >= Self.statementsMax || bytes >= Self.bytesMax }

    /// Notes the expectation of a statement that was queued on the connection.
    func expect(_ expectation: Expectation) { expectations.append(expectation) }

    func queue(_ sql: String, _ expectation: Expectation = .nothing) throws {
        try connection.queue(sql: sql)
        expect(expectation)
    }

    /// Counts the bytes of a change in the log, which are about those of its statement.
    func carries(bytes count: Int) throws {
        bytes += count
        if expectations.count % Self.statementsPerPump == 0 { try connection.pump() }
    }

    /// Reads all answers and checks each; throws `Unmet` for the first that is not as expected, and a
    /// `PostgresError` for the connection itself.
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
