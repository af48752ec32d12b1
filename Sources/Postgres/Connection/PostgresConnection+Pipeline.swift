import Glibc

/// A statement of a pipeline that failed, and its index in the run.
package struct PipelineFailure: Error, Sendable {
    package let index: Int
    package let error: PostgresError

    package init(_ index: Int, _ error: PostgresError) {
        self.index = index
        self.error = error
    }
}

/// Statements that are queued, and answered run by run (libpq manual, "Pipeline Mode"). A run ends with a
/// sync.
extension PostgresConnection {
    private static var applying: String { "apply" }
    /// Bound of one wait for the socket; what is queued is sent between two waits.
    private static var waitMilliseconds: Int { 1000 }

    /// Switches to pipeline mode: statements are queued with `queuePrepare` and `queue`, and answered in
    /// `drain` or `collect`.
    package func enterPipeline() throws(PostgresError) {
        guard libpq.setNonblocking(), libpq.enterPipeline() else {
            throw brokenConnection("enter pipeline mode")
        }
    }

    package func queuePrepare(name: String, sql: String) throws(PostgresError) {
        guard libpq.sendPrepare(name, sql) else { throw brokenConnection("prepare") }
    }

    /// Queues a prepared statement with its values.
    package func queue(name: String, _ values: borrowing ParameterBuffer) throws(PostgresError) {
        guard libpq.sendPrepared(name, values) else { throw brokenConnection(Self.applying) }
    }

    /// Queues a prepared statement with a few values, nil for NULL.
    package func queue(name: String, _ parameters: [String?]) throws(PostgresError) {
        guard libpq.sendPrepared(name, parameters) else { throw brokenConnection(Self.applying) }
    }

    /// Queues a statement that is used once.
    package func queue(sql: String, _ parameters: [String?] = []) throws(PostgresError) {
        guard libpq.send(sql, parameters) else { throw brokenConnection(Self.applying) }
    }

    /// The socket and the events, as `poll` takes them, that say that more can be sent or that an answer has
    /// come.
    package var awaited: (socket: Int32, events: Int16) {
        let events: Int32 =
            switch libpq.flush() {
            case .pending: POLLIN | POLLOUT
            case .done, .failed: POLLIN
            }
        return (libpq.socket, Int16(events))
    }

    /// Sends what the kernel takes and reads what has come, so that neither side's buffer fills while the
    /// other waits.
    package func pump() throws(PostgresError) {
        guard libpq.flush() != .failed, libpq.consumeInput() else { throw brokenConnection(Self.applying) }
    }

    /// Ends a run without waiting for its answers; `collect` reads them later, run by run.
    package func queueSync() throws(PostgresError) {
        guard libpq.syncPipeline() else { throw brokenConnection(Self.applying) }
    }

    /// Whether the first answer of the oldest run has come.
    package func hasAnswers() throws(PostgresError) -> Bool {
        try pump()
        return !libpq.isBusy
    }

    /// Ends a run and reads its answers; see `collect`.
    package func drain(count: Int, answer: (_ index: Int, _ rows: Int) -> Void) throws(PipelineFailure) {
        do { try queueSync() } catch { throw PipelineFailure(0, error) }
        try collect(count: count, readsRows: true, answer: answer)
    }

    /// Reads the answers of one run of `count` statements. Throws the first error of a statement, after all
    /// answers of the run were read.
    package func collect(count: Int) throws(PipelineFailure) {
        try collect(count: count, readsRows: false) { _, _ in }
    }

    /// - Parameter answer: gets the rows that each statement touched, in order, if `readsRows`.
    private func collect(count: Int, readsRows: Bool, answer: (_ index: Int, _ rows: Int) -> Void)
        throws(PipelineFailure)
    {
        var firstFailure: PipelineFailure?
        for index in 0..<count {
            while let result = try nextResult(index) {
                switch result.status {
                case .done, .rows: if readsRows { answer(index, result.affectedRows) }
                case .pipelineAborted: break
                case .copyOut, .copyIn, .copyBoth, .pipelineSync, .failed:
                    firstFailure =
                        firstFailure ?? PipelineFailure(index, failure(result, doing: Self.applying))
                }
            }
            guard libpq.isConnected else {
                throw firstFailure ?? PipelineFailure(index, brokenConnection(Self.applying))
            }
        }
        guard let sync = try nextResult(count) else {
            throw firstFailure ?? PipelineFailure(count, brokenConnection(Self.applying))
        }
        guard sync.status == .pipelineSync else {
            throw firstFailure ?? PipelineFailure(count, failure(sync, doing: Self.applying))
        }
        if let firstFailure { throw firstFailure }
    }

    /// Returns the next result. What is queued is sent while it waits, so that the buffers of both sides do
    /// not stay full.
    private func nextResult(_ index: Int) throws(PipelineFailure) -> LibpqResult? {
        while libpq.isBusy {
            let events: Int32
            switch libpq.flush() {
            case .done: events = POLLIN
            case .pending: events = POLLIN | POLLOUT
            case .failed: throw PipelineFailure(index, brokenConnection(Self.applying))
            }
            do { try awaitSocket(events, milliseconds: Self.waitMilliseconds) } catch {
                throw PipelineFailure(index, error)
            }
            guard libpq.consumeInput() else {
                throw PipelineFailure(index, brokenConnection(Self.applying))
            }
        }
        return libpq.nextResult()
    }
}
