import Records

/// A new replication slot with its exported snapshot.
package struct CreatedSlot: Sendable, Equatable {
    package let name: String
    /// Commits at or above this LSN are streamed; those below are in the snapshot.
    package let consistentPoint: LSN
    /// Valid as long as the connection that made the slot stays open and idle.
    package let snapshotName: String?
}

/// A source of the messages of a started stream.
protocol MessageSource: ~Copyable {
    /// Lends the next message, waiting for it at most `waitMilliseconds`.
    func receive(waitMilliseconds: Int, message: (RawSpan) throws -> Void) throws
        -> PostgresConnection.Received
}

extension PostgresConnection: MessageSource {}
extension StreamSocket: MessageSource {}

/// A replication connection: creates slots and streams one (manual chapter "Streaming Replication Protocol").
///
/// Order: commits come in commit order, and after a reconnect again from the last confirmed position. The
/// changes of a transaction come together, or in blocks between others if it is streamed before its commit;
/// see `OutputMessage`. Durability: `confirm` must name only positions below which everything is durable
/// here.
package struct ReplicationStream: ~Copyable {
    private let connection: PostgresConnection
    /// Reads the started stream; nil if libpq reads it because its bytes are encrypted.
    private var socket: StreamSocket?

    package init(_ access: DatabaseAccess, applicationName: String) throws(PostgresError) {
        connection = try PostgresConnection(
            access, applicationName: applicationName, settings: .reading, replication: true)
    }

    package var processID: Int { connection.processID }

    /// Creates a logical slot, in the keyword form that all servers from 10 on accept.
    ///
    /// The server first waits for the end of all open write transactions of all its databases. If it waits
    /// for one longer than `waitSeconds`, the call throws 55P03, which is transient.
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

    /// Creates a logical slot and exports its snapshot. Waits without a bound for the same transactions;
    /// calls `meanwhile` once a second, and an error that it throws ends the wait.
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

    /// Adds the setting that mends the error, if the role may not use the plugin.
    private static func mended(_ error: PostgresError, _ plugin: String) -> PostgresError {
        guard error.message.contains("output plugin") else { return error }
        return error.mended(by: OutputPlugins.unreadable.remedy(allowing: plugin))
    }

    /// The command that makes a slot.
    package static func createSlot(
        _ name: String, _ plugin: String, temporary: Bool, exportsSnapshot: Bool
    ) -> String {
        "CREATE_REPLICATION_SLOT \(quoteIdentifier(name)) \(temporary ? "TEMPORARY " : "")LOGICAL "
            + "\(quoteIdentifier(plugin)) \(exportsSnapshot ? "EXPORT_SNAPSHOT" : "NOEXPORT_SNAPSHOT")"
    }

    private static func created(_ name: String, _ result: ResultSet) throws(PostgresError) -> CreatedSlot {
        guard let row = result.rows.first, row.count >= 3, let point = row[1].flatMap({ LSN(lsn: $0) }) else {
            throw PostgresError(
                kind: .malformed, message: "the answer names no consistent point",
                doing: "create slot \(name)")
        }
        return CreatedSlot(name: name, consistentPoint: point, snapshotName: row[2])
    }

    /// The server's timeline and the end of its WAL; nil for YugabyteDB, which has none. To be called before
    /// `start`.
    package func timeline() throws(PostgresError) -> ServerTimeline? {
        isYugabyteDB ? nil : try connection.timeline()
    }

    /// The promotions that led to a timeline, first one first.
    package func switches(of timeline: UInt32) throws(PostgresError) -> [ServerTimeline.Switch] {
        try connection.switches(of: timeline)
    }

    private var isYugabyteDB: Bool {
        connection.parameterStatus("server_version")?.contains("-YB-") ?? false
    }

    /// Whether the position of a keepalive means that all WAL below it was sent. YugabyteDB's does not mean
    /// that.
    package var reportsWALEnd: Bool { !isYugabyteDB }

    /// The protocol and options that this server supports; its `server_version` says whether it is
    /// YugabyteDB.
    package var streamProtocol: StreamProtocol {
        StreamProtocol(serverVersion: connection.serverVersion, isYugabyteDB: isYugabyteDB)
    }

    /// Starts the stream at the later of `position` and the confirmed position. A transaction whose commit
    /// LSN is not below that comes whole, even if parts of it were streamed over an earlier connection.
    package mutating func start(
        slot: String, at position: LSN, publication: String, asking streamProtocol: StreamProtocol
    ) throws {
        let options = streamProtocol.options(publication: publication)
        let command = "START_REPLICATION SLOT \(quoteIdentifier(slot)) LOGICAL \(position) (\(options))"
        guard let descriptor = try connection.sendReplication(command) else {
            return try connection.startReplication(command)
        }
        let socket = try StreamSocket(descriptor, server: connection.place)
        try socket.awaitStart()
        self.socket = socket
    }

    /// Keeps the kernel's receive buffer small if the stream comes by TCP inside this host; see
    /// `ReceiveBuffer`. Returns the kind of the connection.
    package func narrowReceiveBuffer() -> StreamWay { connection.narrowReceiveBuffer() }

    /// Lets `next` sleep until so many bytes have come, or its wait is over.
    package func wake(atBytes bytes: Int32) { connection.wake(atBytes: bytes) }

    /// Reads from the kernel without waiting, for `next` to find. Returns true if bytes were there for
    /// certain; libpq does not say.
    package func takeIn() throws(PostgresError) -> Bool {
        if let socket { return try socket.takeIn() }
        try connection.takeIn()
        return false
    }

    /// Lends the messages of the output plugin that have arrived to `change`, one by one, without their
    /// envelopes, until it returns false. Waits at most `waitMilliseconds` for the first one. Returns
    /// `.nothing` when no more messages are there, even if some were.
    package func next(waitMilliseconds: Int, change: (RawSpan) throws -> Bool) throws -> StreamEvent {
        guard let socket else {
            return try Self.next(waitMilliseconds: waitMilliseconds, from: connection, change)
        }
        return try Self.next(waitMilliseconds: waitMilliseconds, from: socket, change)
    }

    // The letters of the envelopes.
    private static let walData = UInt8(ascii: "w")
    private static let keepalive = UInt8(ascii: "k")
    private static let statusUpdate = UInt8(ascii: "r")

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
                case Self.walData:
                    // Start, end and send time, 8 bytes each, then the plugin's message.
                    _ = try cursor.bytes(24, in: envelope)
                    wantsMore = try change(envelope.extracting(25..<envelope.byteCount))
                case Self.keepalive:
                    let end = LSN(number: try cursor.uint64(in: envelope))
                    _ = try cursor.uint64(in: envelope)
                    keepalive = .keepalive(
                        logEnd: end, replyRequested: try cursor.byte(in: envelope) == 1)
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

    /// Confirms to the server that everything below `position` is durable here.
    package func confirm(_ position: LSN, nowMicroseconds: Int64) throws(PostgresError) {
        var bytes = [Self.statusUpdate]
        bytes.reserveCapacity(34)
        // Written, flushed and applied here.
        for _ in 0..<3 { bytes.append(bigEndian: position.number) }
        bytes.append(bigEndian: nowMicroseconds)
        bytes.append(0)
        if let socket { try socket.send(bytes) } else { try connection.send(bytes) }
    }

    package func dropSlot(_ name: String) throws(PostgresError) {
        try connection.execute("DROP_REPLICATION_SLOT \(quoteIdentifier(name))", doing: "drop slot \(name)")
    }
}
