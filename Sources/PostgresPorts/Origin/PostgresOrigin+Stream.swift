import Engine
import Postgres
import Records

/// The stream of a leg's changes from a replication slot.
extension PostgresOrigin {
    func logState() throws -> OriginLogState {
        let control = try context.connect(side, as: "capture")
        try context.checkIdentity(side, control)
        return OriginLogState(slot: try control.slotState(leg.slotName), place: control.place)
    }

    func slotState(as name: String) throws -> SlotState? {
        try context.connect(side, as: name).slotState(leg.slotName)
    }

    func openStream() throws -> any OriginStream { try PostgresOriginStream(self) }

    var claim: CaptureClaim { CaptureClaim(context: context, side: side, leg: leg) }

    func monitor(as name: String) -> any OriginMonitorSession {
        PostgresMonitorSession(self, as: name)
    }

    func writeLastBarrier(_ content: String) throws {
        let connection = try context.connect(side, as: "capture")
        // If commits on the origin wait for our confirmation, this one must not: the caller's thread would
        // have to send it.
        try connection.execute("set synchronous_commit = local", doing: "write the last barrier")
        try connection.writeBarrier(content, asRowOf: try context.record().barrierRows(ofLeg: leg.number))
    }
}

/// A stream from a server's walsender; see `ReplicationStream`.
final class PostgresOriginStream: OriginStream {
    private let origin: PostgresOrigin
    private var stream: ReplicationStream
    /// An ordinary connection, until the stream is started.
    private var control: PostgresConnection?

    /// The partitions that the publication lists in place of their roots; nil if it lists none.
    private var leaves: LeafRelations?

    let place: String
    let claimSeconds: Double?
    private(set) var way = StreamWay.network
    private let reportsWALEnd: Bool

    /// 2000-01-01, from which the protocol counts its times.
    private static let protocolEpochSeconds = 946_684_800.0

    init(_ origin: PostgresOrigin) throws {
        self.origin = origin
        let control = try origin.context.connect(origin.side, as: "capture")
        try origin.context.checkIdentity(origin.side, control)
        place = control.place
        claimSeconds = try control.isYugabyteDB() ? CaptureClaim.renewalSecondsMax : nil
        leaves = try PublishedLeaves.read(origin.context.journal, origin.leg).map { LeafRelations($0) }
        self.control = consume control
        stream = try ReplicationStream(
            origin.access, applicationName: "\(PostgresConnection.applicationPrefix) stream")
        reportsWALEnd = stream.reportsWALEnd
    }

    /// The relations of a transaction that comes before its commit are not changed to their roots'.
    var canSendOpenTransactions: Bool {
        leaves == nil && stream.streamProtocol.streamsOpenTransactions
    }

    func timeline() throws -> ServerTimeline? {
        guard let timeline = try stream.timeline() else { return nil }
        // A standby may still be replaying WAL.
        try control?.checkPromoted()
        return timeline
    }

    func switches(of timeline: UInt32) throws -> [ServerTimeline.Switch] {
        try stream.switches(of: timeline)
    }

    func start(openTransactions: Bool, logged: LogPosition) throws {
        if claimSeconds != nil { try control?.take(origin.claim, logged: logged) }
        let streamProtocol = stream.streamProtocol
        try stream.start(
            slot: origin.leg.slotName, at: .zero, publication: origin.leg.publicationName,
            asking: openTransactions && canSendOpenTransactions
                ? streamProtocol : streamProtocol.withoutOpenTransactions)
        way = stream.narrowReceiveBuffer()
        control = nil
    }

    func next(waitMilliseconds: Int, message: (RawSpan) throws -> Bool) throws -> StreamEvent {
        let event = try stream.next(waitMilliseconds: waitMilliseconds) { try pass($0, message) }
        guard !reportsWALEnd, case .keepalive(_, let replyRequested) = event else { return event }
        return .keepalive(logEnd: nil, replyRequested: replyRequested)
    }

    /// Lends a message, or the one in its place if the publication lists partitions.
    private func pass(_ message: RawSpan, _ take: (RawSpan) throws -> Bool) throws -> Bool {
        guard let other = try leaves?.replacement(of: message, find: leaves(for:), now: leavesOfNow) else {
            return try take(message)
        }
        // Sound: the array outlives the span, which is used only within this call.
        return try unsafe take(other.span.bytes)
    }

    /// Reads the partitions of now, for a relation of the stream that is neither a known partition nor a
    /// migrated table: it was renamed, or the operator has published it.
    private func leaves(for name: QualifiedName) throws -> PublishedLeaves? {
        let migrated = try origin.context.journal.tables().map(\.table.name)
        guard name != Barrier.table, !migrated.contains(name) else { return nil }
        var known = try PublishedLeaves.read(origin.context.journal, origin.leg)
        if known?.add(try leavesOfNow()) == true {
            try known?.store(in: origin.context.journal, origin.leg)
        }
        return known
    }

    /// Reads the partitions that the migrated tables have now.
    private func leavesOfNow() throws -> PublishedLeaves {
        let migrated = try origin.context.journal.tables().map(\.table.name)
        let connection = try origin.context.connect(origin.side, as: "capture")
        let found = try connection.tables(inSchemas: try origin.context.record().schemas)
        return PublishedLeaves(of: found, among: migrated)
    }

    func takeIn() throws -> Bool { try stream.takeIn() }

    func wake(atBytes bytes: Int32) { stream.wake(atBytes: bytes) }

    func confirm(_ position: LSN, at now: Double) throws {
        try stream.confirm(
            position, nowMicroseconds: Int64((now - Self.protocolEpochSeconds) * 1_000_000))
    }
}
