import Glibc

/// Statements whose answer is waited for.
extension PostgresConnection {
    /// Runs SQL text, also several statements, in the simple protocol, and returns the last result.
    @discardableResult
    package func execute(_ sql: String, doing: String = "run a statement") throws(PostgresError) -> ResultSet
    {
        try rows(libpq.execute(sql), doing: doing)
    }

    /// Runs one statement with its parameters as text.
    @discardableResult
    package func query(_ sql: String, _ parameters: [String?] = [], doing: String = "run a query")
        throws(PostgresError) -> ResultSet
    {
        try rows(libpq.execute(sql, parameters), doing: doing)
    }

    /// Prepares a statement outside of a pipeline.
    package func prepare(name: String, sql: String) throws(PostgresError) {
        let result = libpq.prepare(name, sql)
        guard result.status == .done else { throw failure(result, doing: "prepare a statement") }
    }

    /// Interval between two calls of `meanwhile`.
    private static var meanwhileMilliseconds: Int { 1000 }
    private static var cancelMilliseconds: Int { 5000 }

    /// Runs SQL text that may wait long. Calls `meanwhile` about once a second until the answer comes; an
    /// error of it cancels the statement, and is thrown.
    package func execute(_ sql: String, doing: String, meanwhile: () throws -> Void) throws -> ResultSet {
        guard libpq.send(sql) else { throw brokenConnection(doing) }
        return try answer(doing: doing, meanwhile: meanwhile)
    }

    /// Runs one statement with its parameters as text that may take long; `meanwhile` is that of `execute`.
    package func query(
        _ sql: String, _ parameters: [String?] = [], doing: String, meanwhile: () throws -> Void
    ) throws -> ResultSet {
        guard libpq.send(sql, parameters) else { throw brokenConnection(doing) }
        return try answer(doing: doing, meanwhile: meanwhile)
    }

    /// Waits for the answer to what was sent.
    private func answer(doing: String, meanwhile: () throws -> Void) throws -> ResultSet {
        var calledAt = ContinuousClock.now
        while libpq.isBusy {
            try awaitSocket(POLLIN, milliseconds: Self.meanwhileMilliseconds)
            guard libpq.consumeInput() else { throw brokenConnection(doing) }
            guard libpq.isBusy else { break }
            // A long answer comes in many pieces.
            let now = ContinuousClock.now
            guard now - calledAt >= .milliseconds(Self.meanwhileMilliseconds / 2) else { continue }
            calledAt = now
            do { try meanwhile() } catch {
                libpq.cancel()
                if libpq.socket >= 0 { try awaitSocket(POLLIN, milliseconds: Self.cancelMilliseconds) }
                throw error
            }
        }
        guard let result = libpq.nextResult() else { throw brokenConnection(doing) }
        while libpq.nextResult() != nil {}
        return try rows(result, doing: doing)
    }

    private func rows(_ result: borrowing LibpqResult, doing: String) throws(PostgresError) -> ResultSet {
        switch result.status {
        case .rows, .done: return result.rows()
        case .copyOut, .copyIn, .copyBoth, .pipelineSync, .pipelineAborted, .failed:
            throw failure(result, doing: doing)
        }
    }
}
