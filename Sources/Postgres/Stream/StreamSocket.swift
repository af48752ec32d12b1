import Glibc
import Records

/// The socket of a replication connection on which nothing is encrypted, read and written without libpq, which would make a
/// copy of each message in memory of its own, and take in little at a time. From START_REPLICATION on nobody else may
/// read it; libpq still closes it.
///
/// Every call throws `PostgresError`; after one the connection is of no more use.
@safe final class StreamSocket {
    private let socket: Int32
    private let place: String
    private var buffer: WireBuffer

    /// Read at once where the sender is not left to gather: see `StreamPace`.
    private static let pieceBytes = 16 << 10
    private static let waitMilliseconds = 1000
    /// For as long the kernel may have no room for what is told the server, before the connection counts as dead.
    private static let sendSecondsMax = 60

    /// - Parameters:
    ///   - socket: libpq's, which has nothing of the stream in its own buffer
    ///   - place: what errors call the server
    init(_ socket: Int32, place: String) throws(PostgresError) {
        self.socket = socket
        self.place = place
        do { buffer = try WireBuffer() } catch { throw Self.broken("out of memory", place) }
    }

    private static func broken(_ reason: String, _ place: String) -> PostgresError {
        PostgresError(
            kind: .connection, message: reason, doing: "\(PostgresConnection.streaming) at \(place)")
    }

    private func broken(_ reason: String) -> PostgresError { Self.broken(reason, place) }

    // MARK: Reading

    /// Waits for the answer to START_REPLICATION, as long as the server takes.
    func awaitStart() throws {
        var isStarted = false
        while !isStarted {
            let isThere = try nextMessage { letter, payload in
                switch letter {
                case UInt8(ascii: "W"): isStarted = true
                case UInt8(ascii: "E"):
                    throw try PostgresError(answer: payload, doing: "start the replication stream")
                default: try Self.passOver(letter, place)
                }
            }
            if !isThere {
                try awaitReady(Int16(POLLIN), milliseconds: Self.waitMilliseconds)
                try takeIn(bytesMax: Self.pieceBytes)
            }
        }
    }

    /// Lends the next message of the stream, waiting for it at most `waitMilliseconds`.
    func receive(waitMilliseconds: Int, message: (RawSpan) throws -> Void) throws
        -> PostgresConnection.Received
    {
        var waited = false
        while true {
            var received = PostgresConnection.Received.nothing
            let isThere = try nextMessage { letter, payload in
                switch letter {
                case UInt8(ascii: "d"):
                    received = .message
                    try message(payload)
                // Either it stops the stream, or, when it shuts down, says that the command is complete.
                case UInt8(ascii: "c"), UInt8(ascii: "C"): received = .ended
                case UInt8(ascii: "E"):
                    throw try PostgresError(answer: payload, doing: PostgresConnection.streaming)
                default: try Self.passOver(letter, place)
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

    /// Takes in what the kernel has and there is room for, without waiting; true where something was there.
    func takeIn() throws(PostgresError) -> Bool { try takeIn(bytesMax: Int.max) }

    @discardableResult
    private func takeIn(bytesMax: Int) throws(PostgresError) -> Bool {
        let room: UnsafeMutableRawBufferPointer
        do { unsafe room = try buffer.room() } catch { throw broken("out of memory") }
        while true {
            // No more than there is room for.
            let count = unsafe recv(socket, room.baseAddress, min(room.count, bytesMax), Int32(MSG_DONTWAIT))
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

    /// Notices, parameters that change, notifications: they may come at any time.
    private static func passOver(_ letter: UInt8, _ place: String) throws(PostgresError) {
        switch letter {
        case UInt8(ascii: "N"), UInt8(ascii: "S"), UInt8(ascii: "A"): return
        default:
            throw broken("lost synchronization with server: a message of type \(letter) in the stream", place)
        }
    }

    // MARK: Writing

    /// Sends a message into the stream (a standby status update).
    func send(_ bytes: [UInt8]) throws(PostgresError) {
        var frame: [UInt8] = [UInt8(ascii: "d")]
        frame.reserveCapacity(5 + bytes.count)
        frame += [UInt8](bigEndian: UInt32(bytes.count + 4)) + bytes
        var sent = 0
        var waits = 0
        while sent < frame.count {
            // From what was not sent to the array's end.
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
                guard waits * Self.waitMilliseconds < Self.sendSecondsMax * 1000 else {
                    throw broken("the server takes nothing for \(Self.sendSecondsMax) s")
                }
                waits += 1
                try awaitReady(Int16(POLLOUT), milliseconds: Self.waitMilliseconds)
            default: throw broken("could not send data to server: \(reason(errno))")
            }
        }
    }

    /// Waits until the socket is ready for `events` or the time is over.
    private func awaitReady(_ events: Int16, milliseconds: Int) throws(PostgresError) {
        var waiting = pollfd(fd: socket, events: events, revents: 0)
        unsafe _ = poll(&waiting, 1, Int32(milliseconds))
    }

    private func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
