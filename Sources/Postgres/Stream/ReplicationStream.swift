import Records

/// A replication slot made with its exported snapshot.
package struct CreatedSlot: Sendable, Equatable {
    package let name: String
    /// Commits at or above it are streamed, those below are in the snapshot.
    package let consistentPoint: LSN
    /// Valid as long as the connection that made the slot stays open and idle.
    package let snapshotName: String?
}

/// What came out of the stream.
package enum StreamEvent: Sendable, Equatable {
    /// Messages of the output plugin were lent to the caller, who wanted no more.
    case change
    /// The server's end of WAL so far; everything before it has been received.
    case keepalive(walEnd: LSN, replyRequested: Bool)
    case nothing
    case ended
}

/// What the messages of a started stream are read from.
protocol MessageSource: ~Copyable {
    /// Lends the next message, waiting for it at most `waitMilliseconds`.
    func receive(waitMilliseconds: Int, message: (RawSpan) throws -> Void) throws
        -> PostgresConnection.Received
}

extension PostgresConnection: MessageSource {}
extension StreamSocket: MessageSource {}

/// The replication connection: makes slots and reads one (manual chapter "Streaming Replication Protocol").
///
/// Order and durability: commits come in their order, again from the last confirmed position after a reconnect. Changes of
/// a transaction come in one piece, or, where it is streamed before its commit, in blocks between others; see
/// `OutputMessage`. `confirm` must name only what is durable here.
package struct ReplicationStream: ~Copyable {
    private let connection: PostgresConnection
    /// What reads the stream; nil before its start, and where libpq does because its bytes are encrypted.
    private var socket: StreamSocket?

    package init(_ access: DatabaseAccess, applicationName: String) throws(PostgresError) {
        connection = try PostgresConnection(
            access, applicationName: applicationName, settings: .reading, replication: true)
    }

    package var processID: Int { connection.processID }

    /// Makes a logical slot. The keyword form is the one all servers from 10 take. Waits for the write transactions open now, of
    /// all databases, to end, for each no longer than `waitSeconds`: then it throws what `isTransient` says of (55P03).
    package func createSlot(_ name: String, plugin: String, exportsSnapshot: Bool, waitSeconds: Int)
        throws(PostgresError) -> CreatedSlot
    {
        try connection.execute("set lock_timeout = '\(waitSeconds)s'", doing: "bound the wait for a slot")
        let sql = Self.createSlot(name, plugin, temporary: false, exportsSnapshot: exportsSnapshot)
        do {
            return try Self.created(
                name, connection.execute(sql, doing: "create replication slot \(name)"))
        } catch { throw Self.mended(error, plugin) }
    }

    /// Makes a logical slot and exports its snapshot. Waits for the same transactions as long as it takes; `meanwhile` is called
    /// once a second, and what it throws ends the wait.
    package func createSlot(
        _ name: String, plugin: String, temporary: Bool, meanwhile: () throws -> Void
    ) throws -> CreatedSlot {
        let sql = Self.createSlot(name, plugin, temporary: temporary, exportsSnapshot: true)
        do {
            let result = try connection.execute(
                sql, doing: "create replication slot \(name)", meanwhile: meanwhile)
            return try Self.created(name, result)
        } catch let error as PostgresError { throw Self.mended(error, plugin) }
    }

    /// The same error with the setting that mends it, where the role may not use the plugin.
    private static func mended(_ error: PostgresError, _ plugin: String) -> PostgresError {
        guard error.message.contains("output plugin") else { return error }
        return error.mended(by: OutputPlugins.unreadable.remedy(allowing: plugin))
    }

    private static func createSlot(
        _ name: String, _ plugin: String, temporary: Bool, exportsSnapshot: Bool
    ) -> String {
        "CREATE_REPLICATION_SLOT \(quoteIdentifier(name)) \(temporary ? "TEMPORARY " : "")LOGICAL "
            + "\(quoteIdentifier(plugin)) \(exportsSnapshot ? "EXPORT_SNAPSHOT" : "NOEXPORT_SNAPSHOT")"
    }

    private static func created(_ name: String, _ result: ResultSet) throws(PostgresError) -> CreatedSlot {
        guard let row = result.rows.first, row.count >= 3, let point = row[1].flatMap({ LSN($0) }) else {
            throw PostgresError(
                kind: .malformed, message: "the answer names no consistent point",
                doing: "create slot \(name)")
        }
        return CreatedSlot(name: name, consistentPoint: point, snapshotName: row[2])
    }

    /// Where the server's log is; nil of YugabyteDB, which has no such log. Before the start.
    package func timeline() throws(PostgresError) -> ServerTimeline? {
        isYugabyteDB ? nil : try connection.timeline()
    }

    /// The promotions that led to a timeline.
    package func switches(of timeline: UInt32) throws(PostgresError) -> [ServerTimeline.Switch] {
        try connection.switches(of: timeline)
    }

    private var isYugabyteDB: Bool {
        connection.parameterStatus("server_version")?.contains("-YB-") ?? false
    }

    /// Whether a keepalive tells how far all is sent; YugabyteDB gives no such meaning to what it names.
    package var reportsWALEnd: Bool { !isYugabyteDB }

    /// What this server can be asked for; its `server_version` says whether it is YugabyteDB.
    package var streamProtocol: StreamProtocol {
        StreamProtocol(serverVersion: connection.serverVersion, isYugabyteDB: isYugabyteDB)
    }

    /// Starts the stream; the server goes on from the later of `position` and what was confirmed to it. A transaction whose
    /// commit is not below that comes whole, also where parts of it were streamed over an earlier connection.
    package mutating func start(
        slot: String, at position: LSN, publication: String, asking asked: StreamProtocol
    ) throws {
        let options = asked.options(publication: publication)
        let command = "START_REPLICATION SLOT \(quoteIdentifier(slot)) LOGICAL \(position) (\(options))"
        guard let descriptor = try connection.sendReplication(command) else {
            return try connection.startReplication(command)
        }
        let socket = try StreamSocket(descriptor, place: connection.place)
        try socket.awaitStart()
        self.socket = socket
    }

    /// Keeps what the kernel takes in of the stream before it is read small, where it comes by TCP inside this host; see
    /// `ReceiveBuffer`. Returns the way it comes by.
    package func narrowReceiveBuffer() -> StreamWay { connection.narrowReceiveBuffer() }

    /// Lets `next` sleep until so many bytes have come, or its time is over.
    package func wake(atBytes bytes: Int32) { connection.wake(atBytes: bytes) }

    /// Takes in what the kernel has of the stream, without waiting; `next` finds it. True where it is known that something was
    /// there.
    package func takeIn() throws(PostgresError) -> Bool {
        if let socket { return try socket.takeIn() }
        try connection.takeIn()
        return false
    }

    /// Lends the messages of the output plugin that are there to `change`, without their envelopes, as long as it returns
    /// true; waits for the first one at most `waitMilliseconds`. `.nothing` where no more are there, whether any were or not.
    package func next(waitMilliseconds: Int, change: (RawSpan) throws -> Bool) throws -> StreamEvent {
        guard let socket else {
            return try Self.next(waitMilliseconds: waitMilliseconds, from: connection, change)
        }
        return try Self.next(waitMilliseconds: waitMilliseconds, from: socket, change)
    }

    private static func next<Source: MessageSource & ~Copyable>(
        waitMilliseconds: Int, from source: borrowing Source, _ change: (RawSpan) throws -> Bool
    ) throws -> StreamEvent {
        var wait = waitMilliseconds
        while true {
            var keepalive: StreamEvent?
            var wantsMore = true
            let received = try source.receive(waitMilliseconds: wait) { envelope in
                var cursor = MessageCursor()
                switch try cursor.byte(in: envelope) {
                case UInt8(ascii: "w"):
                    // Start, end and send time: 8 bytes each, then the plugin's message.
                    _ = try cursor.bytes(24, in: envelope)
                    wantsMore = try change(envelope.extracting(25..<envelope.byteCount))
                case UInt8(ascii: "k"):
                    let end = LSN(bytes: try cursor.uint64(in: envelope))
                    _ = try cursor.uint64(in: envelope)
                    keepalive = .keepalive(
                        walEnd: end, replyRequested: try cursor.byte(in: envelope) == 1)
                default:
                    throw MalformedMessage(offset: 0, expected: "an envelope w or k")
                }
            }
            switch received {
            case .message: break
            case .nothing: return .nothing
            case .ended: return .ended
            }
            if let keepalive { return keepalive }
            if !wantsMore { return .change }
            wait = 0
        }
    }

    /// Tells the server that everything below `position` is durable here.
    package func confirm(_ position: LSN, nowMicroseconds: Int64) throws(PostgresError) {
        var bytes: [UInt8] = [UInt8(ascii: "r")]
        bytes.reserveCapacity(34)
        for number in [position.bytes, position.bytes, position.bytes, UInt64(bitPattern: nowMicroseconds)] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
            }
        }
        bytes.append(0)
        if let socket { try socket.send(bytes) } else { try connection.send(bytes) }
    }

    package func dropSlot(_ name: String) throws(PostgresError) {
        try connection.execute("DROP_REPLICATION_SLOT \(quoteIdentifier(name))", doing: "drop slot \(name)")
    }
}
