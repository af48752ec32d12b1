import Glibc

/// The socket of an unencrypted replication connection, read and written without libpq. libpq would copy each
/// message into memory of its own, and read little at a time.
///
/// From START_REPLICATION on nothing else may read the socket; libpq still closes it. Every call throws
/// `PostgresError`; after an error the connection is unusable.
@safe final class StreamSocket {
    private let socket: Int32
    private let server: String
    private var buffer: WireBuffer

    /// Bytes read at once if the sender is not given time to gather; see `StreamPace`.
    private static let pieceBytes = 16 << 10
    private static let pollMilliseconds = 1000
    /// A connection counts as dead if the kernel accepts nothing for the server for so long.
    private static let sendSecondsMax = 60

    /// - Parameters:
    ///   - socket: libpq's, which has nothing of the stream in its own buffer
    ///   - server: name of the server in errors
    init(_ socket: Int32, server: String) throws(PostgresError) {
        self.socket = socket
        self.server = server
        do { buffer = try WireBuffer() } catch { throw Self.broken("out of memory", server) }
    }

    private static func broken(_ reason: String, _ server: String) -> PostgresError {
        PostgresError(
            kind: .connection, message: reason, doing: "\(PostgresConnection.streaming) at \(server)")
    }

    private func broken(_ reason: String) -> PostgresError { Self.broken(reason, server) }

    /// The first byte of a message of the wire protocol (manual chapter "Message Formats").
    private enum WireKind {
        static let copyBoth = UInt8(ascii: "W")
        static let copyData = UInt8(ascii: "d")
        static let copyDone = UInt8(ascii: "c")
        static let commandComplete = UInt8(ascii: "C")
        static let error = UInt8(ascii: "E")
        static let notice = UInt8(ascii: "N")
        static let parameterStatus = UInt8(ascii: "S")
        static let notification = UInt8(ascii: "A")
    }

    // MARK: Reading

    /// Waits for the answer to START_REPLICATION, without a bound.
    func awaitStart() throws {
        var isStarted = false
        while !isStarted {
            let isThere = try nextMessage { letter, payload in
                switch letter {
                case WireKind.copyBoth: isStarted = true
                case WireKind.error:
                    throw try PostgresError(answer: payload, doing: PostgresConnection.startingStream)
                default: try Self.skip(letter, server)
                }
            }
            if !isThere {
                try awaitReady(Int16(POLLIN), milliseconds: Self.pollMilliseconds)
                try takeIn(bytesMax: Self.pieceBytes)
            }
        }
    }

    /// Lends the next message of the stream. Waits for it at most `waitMilliseconds`.
    func receive(waitMilliseconds: Int, message: (RawSpan) throws -> Void) throws
        -> PostgresConnection.Received
    {
        var waited = false
        while true {
            var received = PostgresConnection.Received.nothing
            let isThere = try nextMessage { letter, payload in
                switch letter {
                case WireKind.copyData:
                    received = .message
                    try message(payload)
                // The server ends the stream with the one, and shuts down with the other.
                case WireKind.copyDone, WireKind.commandComplete: received = .ended
                case WireKind.error:
                    throw try PostgresError(answer: payload, doing: PostgresConnection.streaming)
                default: try Self.skip(letter, server)
                }
            }
            if isThere {
                if case .nothing = received { continue }
                return received
            }
            if waited || waitMilliseconds == 0 { return .nothing }
            try awaitReady(Int16(POLLIN), milliseconds: waitMilliseconds)
            try takeIn(bytesMax: Self.pieceBytes)
            waited = true
        }
    }

    /// Reads what the kernel has into the free space of the buffer, without waiting. Returns true if bytes
    /// were there.
    func takeIn() throws(PostgresError) -> Bool { try takeIn(bytesMax: Int.max) }

    @discardableResult
    private func takeIn(bytesMax: Int) throws(PostgresError) -> Bool {
        let space: UnsafeMutableRawBufferPointer
        // Sound: the space is used before the buffer changes.
        do { unsafe space = try buffer.freeSpace() } catch { throw broken("out of memory") }
        while true {
            // Sound: not more than the free space.
            let count = unsafe recv(
                socket, space.baseAddress, min(space.count, bytesMax), Int32(MSG_DONTWAIT))
            if count > 0 {
                buffer.added(count)
                return true
            }
            if count == 0 { throw broken("server closed the connection unexpectedly") }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return false
            default: throw broken("could not receive data from server: \(reason(errno))")
            }
        }
    }

    private func nextMessage(_ message: (UInt8, RawSpan) throws -> Void) throws -> Bool {
        do { return try buffer.next(message) } catch is WireBuffer.Fault {
            throw broken("lost synchronization with server")
        }
    }

    /// Accepts the messages that may come at any time, and are ignored; throws for any other.
    private static func skip(_ letter: UInt8, _ server: String) throws(PostgresError) {
        switch letter {
        case WireKind.notice, WireKind.parameterStatus, WireKind.notification: return
        default:
            throw broken(
                "lost synchronization with server: a message of type \(letter) in the stream", server)
        }
    }

    // MARK: Writing

    /// Sends a message into the stream (a standby status update).
    func send(_ bytes: [UInt8]) throws(PostgresError) {
        var frame = [WireKind.copyData]
        frame.reserveCapacity(5 + bytes.count)
        frame.append(bigEndian: UInt32(bytes.count + 4))
        frame += bytes
        var sent = 0
        var waits = 0
        while sent < frame.count {
            // Sound: the range from the first unsent byte to the end of the array.
            let count = unsafe frame.withUnsafeBytes { raw in
                unsafe Glibc.send(
                    socket, raw.baseAddress! + sent, raw.count - sent,
                    Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK:
                guard waits * Self.pollMilliseconds < Self.sendSecondsMax * 1000 else {
                    throw broken("the server has accepted nothing for \(Self.sendSecondsMax) s")
                }
                waits += 1
                try awaitReady(Int16(POLLOUT), milliseconds: Self.pollMilliseconds)
            default: throw broken("could not send data to server: \(reason(errno))")
            }
        }
    }

    /// Waits until the socket is ready for `events`, at most `milliseconds`.
    private func awaitReady(_ events: Int16, milliseconds: Int) throws(PostgresError) {
        var waiting = pollfd(fd: socket, events: events, revents: 0)
        // Sound: the struct lives through the call.
        unsafe _ = poll(&waiting, 1, Int32(milliseconds))
    }

    // Sound: strerror's string ends with a zero byte and is copied at once.
    private func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
