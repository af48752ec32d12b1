import Engine
import Foundation
import Records

/// The stream of a leg's changes from a memory server.
final class MemoryStream: OriginStream {
    private let server: MemoryServer
    private let leg: Leg
    private var messages: MemoryMessages
    /// The rest of the transaction that is being sent.
    private var queue: ArraySlice<[UInt8]> = []
    /// The first position that was not sent yet.
    private var nextPosition = LogPosition.zero
    private var announcedEnd: LogPosition?
    private var isStarted = false
    private var sentMessages = 0
    /// Messages after which the stream is lost.
    private var messagesLeft: Int?

    private static let pollMicroseconds: UInt32 = 1000

    init(_ server: MemoryServer, _ leg: Leg) {
        self.server = server
        self.leg = leg
        messages = MemoryMessages(server.allTables)
    }

    deinit {
        guard isStarted else { return }
        let name = leg.slotName
        server.with { $0.slots[name]?.isActive = false }
    }

    var place: String { server.place }
    var way: StreamWay { .network }
    var canSendOpenTransactions: Bool { false }

    func timeline() throws -> ServerTimeline? { nil }
    func switches(of timeline: UInt32) throws -> [ServerTimeline.Switch] { [] }

    var claimSeconds: Double? { nil }

    func start(openTransactions: Bool, logged: LogPosition) throws {
        let name = leg.slotName
        (nextPosition, messagesLeft) = try server.with { state in
            guard let slot = state.slots[name] else { throw MemoryError.refused("there is no slot") }
            guard !slot.isActive else { throw MemoryError.inUse }
            state.slots[name]?.isActive = true
            let isAgain = state.take { $0 == .sentAgain } != nil
            let lost = state.take { if case .streamLost = $0 { true } else { false } }
            var left: Int?
            if case .streamLost(let count)? = lost { left = count }
            return (isAgain ? slot.first : slot.confirmed, left)
        }
        isStarted = true
    }

    func next(waitMilliseconds: Int, message: (RawSpan) throws -> Bool) throws -> StreamEvent {
        let until = Date().timeIntervalSince1970 + Double(waitMilliseconds) / 1000
        while true {
            while let bytes = queue.popFirst() {
                if messagesLeft == 0 { throw MemoryError.lost }
                messagesLeft = messagesLeft.map { $0 - 1 }
                if try !lend(bytes, to: message) { return .change }
            }
            if fillQueue() { continue }
            if let end = announceEnd() { return .keepalive(logEnd: end, replyRequested: false) }
            guard Date().timeIntervalSince1970 < until else { return .nothing }
            usleep(Self.pollMicroseconds)
        }
    }

    /// Takes the next transaction that has something for the leg. Returns whether there is one.
    private func fillQueue() -> Bool {
        let (publication, first) = (leg.publicationName, nextPosition)
        let next = server.with { state -> MemoryTransaction? in
            let published = state.publications[publication] ?? []
            for transaction in state.log where transaction.position >= first {
                let changes = transaction.changes.filter { $0.table.map(published.contains) ?? true }
                guard !changes.isEmpty else { continue }
                return MemoryTransaction(
                    position: transaction.position, number: transaction.number, changes: changes,
                    microseconds: transaction.microseconds)
            }
            return nil
        }
        guard let next else { return false }
        nextPosition = LogPosition(number: next.position.number + 1)
        queue = messages.messages(of: next)[...]
        return true
    }

    /// Returns the end of the log, once for each end.
    private func announceEnd() -> LogPosition? {
        let (publication, first) = (leg.publicationName, nextPosition)
        let end = server.with { state -> LogPosition? in
            let published = state.publications[publication] ?? []
            let isPending = state.log.contains { transaction in
                transaction.position >= first
                    && transaction.changes.contains { $0.table.map(published.contains) ?? true }
            }
            return isPending ? nil : state.end
        }
        guard let end, end != announcedEnd else { return nil }
        announcedEnd = end
        return end
    }

    func takeIn() throws -> Bool { false }
    func wake(atBytes bytes: Int32) {}

    func confirm(_ position: LogPosition, at now: Double) throws {
        let name = leg.slotName
        try server.with { state in
            guard let slot = state.slots[name] else { throw MemoryError.refused("there is no slot") }
            state.slots[name]?.confirmed = max(slot.confirmed, position)
        }
    }
}

/// The checks of a memory server beside its stream.
final class MemoryMonitorSession: OriginMonitorSession {
    private let server: MemoryServer
    private let leg: Leg

    init(_ server: MemoryServer, _ leg: Leg) {
        self.server = server
        self.leg = leg
    }

    func logState(logged: LogPosition?) throws -> OriginLogState {
        let name = leg.slotName
        let slot = server.with { state in
            state.slots[name].map { SlotState(isActive: $0.isActive, walStatus: "reserved") }
        }
        return OriginLogState(slot: slot, place: server.place)
    }

    func writeHeartbeat() throws -> String? { nil }

    func catalog() throws -> SeenCatalog {
        var tables: [QualifiedName: OriginCatalog.Entry] = [:]
        for (index, table) in server.allTables.enumerated() {
            tables[table.name] = OriginCatalog.Entry(oid: UInt32(index + 1))
        }
        return SeenCatalog(
            catalog: OriginCatalog(tables: tables), oldestTransaction: nil, logEnd: nil,
            readSeconds: 0)
    }

    func unpublished(of tables: [QualifiedName]) throws -> [QualifiedName] {
        let name = leg.publicationName
        let published = server.with { $0.publications[name] ?? [] }
        return tables.filter { !published.contains($0) }
    }

    func hasRowsFromBeforeAttachment(_ partition: QualifiedName) throws -> Bool? { false }

    func rows(ofPartition partition: QualifiedName, before oldest: UInt32, of transaction: UInt32) throws
        -> PartRows
    { .other }

    func hasAltered(_ table: QualifiedName, by transaction: UInt32?) throws -> Bool { false }
}
