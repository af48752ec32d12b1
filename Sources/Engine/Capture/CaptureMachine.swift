import Records

/// The life of the capture's connections as a state machine without I/O: connections and errors in, actions
/// out.
struct CaptureMachine {
    /// The state of the connection to the origin.
    enum Connection: Equatable {
        /// The first connection is not made yet, and no error has occurred.
        case none
        case streaming
        /// The connection was lost at a time.
        case lost(since: Double)
    }

    /// The next step of the capture.
    enum Action {
        /// Wait, then connect again; `isFirst` in a row.
        case retry(any Error, milliseconds: Int, isFirst: Bool)
        /// Wait, then connect again even if the leg has ended: the server could not decode its WAL, and a
        /// number of attempts decides whether that passes.
        case retryDecoding(any DatabaseError, milliseconds: Int)
        /// Connect again at once, and request whole transactions from now on.
        case requestWholeTransactions(any DatabaseError)
        /// End the capture: the server cannot decode its WAL.
        case endUndecodable(any DatabaseError)
        /// End the capture: YugabyteDB cannot stream what comes next.
        case endUnstreamable(any DatabaseError, YugabyteFault)
        /// End the capture: the server cannot convert a text to UTF-8.
        case endUnconvertible(any DatabaseError)
        /// End the capture with this error.
        case end(any Error)
    }

    private(set) var connection = Connection.none
    /// Whether the next stream is to be requested with transactions before their commit.
    private(set) var requestsOpenTransactions = true
    /// Whether the last stream came with transactions before their commit.
    private var streamsOpenTransactions = false
    private var patience: Patience
    private var decoding = DecodingFaults()

    init(attemptsMax: Int) { patience = Patience(attemptsMax: attemptsMax) }

    mutating func connected(streamsOpenTransactions: Bool) {
        connection = .streaming
        self.streamsOpenTransactions = streamsOpenTransactions
        patience.connected()
    }

    /// Returns the action for an error of a connection, or of the attempt to make one.
    mutating func failed(_ error: any Error, received: LogPosition, at now: Double) -> Action {
        switch connection {
        case .none, .streaming: connection = .lost(since: now)
        case .lost: break
        }
        switch patience.judge(error, progress: received.number) {
        case .again(let milliseconds, let isFirst):
            return .retry(error, milliseconds: milliseconds, isFirst: isFirst)
        case .over(let error): return lasting(error, received: received)
        }
    }

    /// Returns the action for an error that does not pass by itself.
    private mutating func lasting(_ error: any Error, received: LogPosition) -> Action {
        guard let error = error as? any DatabaseError, let fault = error.streamFault else {
            return .end(error)
        }
        switch decoding.judge(fault, streamsOpenTransactions: streamsOpenTransactions, received: received) {
        case .takeWhole:
            requestsOpenTransactions = false
            return .requestWholeTransactions(error)
        case .again(let milliseconds): return .retryDecoding(error, milliseconds: milliseconds)
        case .undecodable: return .endUndecodable(error)
        case .unstreamable(let fault): return .endUnstreamable(error, fault)
        case .other:
            return fault == .unconvertible ? .endUnconvertible(error) : .end(error)
        }
    }
}
