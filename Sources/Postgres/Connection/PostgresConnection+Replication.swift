import Glibc
import Records

/// The replication stream as libpq reads it (manual chapter "Streaming Replication Protocol").
extension PostgresConnection {
    /// The activity that an error names while messages of a stream are received.
    static var streaming: String { "stream" }

    /// The activity that an error names while a stream is started.
    static var startingStream: String { "start the replication stream" }

    private static var flushMilliseconds: Int { 1000 }

    /// Sends START_REPLICATION; after it only `receive` and `send` may be called.
    package func startReplication(_ command: String) throws(PostgresError) {
        let result = libpq.execute(command)
        guard result.status == .copyBoth else {
            throw failure(result, doing: Self.startingStream)
        }
        guard libpq.setNonblocking() else { throw brokenConnection(Self.streaming) }
    }

    /// Sends START_REPLICATION and returns the socket, on which `StreamSocket` reads the answer and all that
    /// follows. After it no other call may be made. Returns nil, and sends nothing, if the connection is
    /// encrypted.
    func sendReplication(_ command: String) throws(PostgresError) -> Int32? {
        guard !libpq.isEncrypted else { return nil }
        // libpq's buffer is empty: all answers before were read to their end, and in the blocking mode it
        // sends the whole command.
        guard libpq.send(command) else { throw brokenConnection(Self.streaming) }
        return libpq.socket
    }

    /// See `ReceiveBuffer.narrow`.
    package func narrowReceiveBuffer() -> StreamWay { ReceiveBuffer.narrow(libpq.socket) }

    /// See `ReceiveBuffer.wake`.
    package func wake(atBytes bytes: Int32) { ReceiveBuffer.wake(libpq.socket, atBytes: bytes) }

    /// Reads what the kernel has, without waiting; at most what libpq's buffer has room for.
    package func takeIn() throws(PostgresError) {
        guard libpq.consumeInput() else { throw brokenConnection(Self.streaming) }
    }

    /// The result of waiting for a message of the stream.
    package enum Received: Sendable {
        case message
        /// No message came within the wait.
        case nothing
        /// The server ended the stream in good order.
        case ended
    }

    /// Lends the next message of the stream; waits for it at most `waitMilliseconds`.
    package func receive(waitMilliseconds: Int, message: (RawSpan) throws -> Void) throws -> Received {
        var waited = false
        while true {
            switch try libpq.readCopy(waits: false, message) {
            case .row: return .message
            case .ended:
                _ = try endOfCopy(doing: Self.streaming)
                return .ended
            case .failed: throw brokenConnection(Self.streaming)
            case .nothing: break
            }
            if waited || waitMilliseconds == 0 { return .nothing }
            try awaitSocket(POLLIN, milliseconds: waitMilliseconds)
            guard libpq.consumeInput() else { throw brokenConnection(Self.streaming) }
            waited = true
        }
    }

    /// Sends a message into the stream (a standby status update) and flushes it.
    package func send(_ bytes: [UInt8]) throws(PostgresError) {
        let doing = "send the confirmed position"
        // Every byte of an array of bytes is a value.
        guard unsafe libpq.putCopy(bytes.span.bytes) else { throw brokenConnection(doing) }
        while true {
            switch libpq.flush() {
            case .done: return
            case .pending: try awaitSocket(POLLOUT, milliseconds: Self.flushMilliseconds)
            case .failed: throw brokenConnection(doing)
            }
        }
    }
}
