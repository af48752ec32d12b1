import Journal
import Postgres
import Records

/// Looks at the origin and at the disk every few seconds, on a thread and a connection of its own, so that no change waits
/// for it: the slot and its heartbeat, the catalog, the files of the queue.
///
/// It outlives the connections of the stream. What it finds is the session's to take note of.
final class OriginMonitor {
    /// What a look needs to know of the stream.
    struct Order: Sendable {
        /// Whether the server and the disk are to be looked at; the catalog is when it is time to.
        let isServerDue: Bool
        /// Truncates of each table the stream has told, through `received`.
        let truncates: ReceivedTruncates
        let received: LSN
        /// The file that is written, as far as it has grown.
        let segment: SegmentSize?
    }

    struct Finding: Sendable {
        struct Server: Sendable {
            /// Nil where there is none of its name.
            let slot: SlotState?
            let place: String
            /// What is to be told of a heartbeat that is refused, once.
            let refusal: String?
            let disk: DiskReading
        }

        /// Nil where only the catalog was looked at.
        var server: Server?
    }

    private let failures: CheckFailures
    private let thread: SideThread<Order, Finding>
    private var serverAt = 0.0

    private static let serverSeconds = 2.0

    init(context: RoleContext, leg: Leg) {
        failures = CheckFailures(context, role: .capture)
        thread = SideThread(name: "capture watch") {
            let connection = MonitorConnection(context, leg.direction.origin, as: "capture watch")
            let catalogMonitor = OriginCatalogMonitor(context: context, leg: leg)
            var heartbeat: Heartbeat?
            return { order in
                var finding = Finding()
                var beating =
                    try heartbeat ?? Heartbeat(rows: context.record().barrierRows(ofLeg: leg.number))
                defer { heartbeat = beating }
                try connection.use { connection in
                    if order.isServerDue {
                        finding.server = Finding.Server(
                            slot: try connection.slotState(leg.slotName), place: connection.place,
                            refusal: try beating.beat(connection, slot: leg.slotName),
                            disk: try DiskReading(context.exportDirectory, leg))
                    }
                    try catalogMonitor.check(connection, truncates: order.truncates, received: order.received)
                }
                if order.isServerDue, let segment = order.segment {
                    try context.journal.segmentGrown(segment)
                }
                return finding
            }
        }
    }

    /// A connection of the stream was made; what was seen beside the one before is of no interest.
    func beginSession() {
        thread.discard()
        serverAt = 0
    }

    /// What the look that was begun has found, once; nil while it is under way. Begins the next one, with what `order` says of
    /// the stream. Throws what the look has thrown.
    func poll(at now: Double, _ order: (_ isServerDue: Bool) -> Order) throws -> Finding? {
        let finding = try failures.finding { try thread.take() }
        if thread.isIdle {
            let isServerDue = !(0...Self.serverSeconds).contains(now - serverAt)
            if isServerDue { serverAt = now }
            thread.begin(order(isServerDue))
        }
        return finding
    }
}
