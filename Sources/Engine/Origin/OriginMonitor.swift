import Journal
import Records

/// A monitor of the origin and the disk: every few seconds it checks the slot, the catalog and the log's
/// files, and writes a heartbeat. It has a thread and a connection of its own, so that no change waits for
/// it.
///
/// It outlives the stream's connections. The capture session takes its readings.
final class OriginMonitor {
    /// The values of the stream that a check needs.
    struct Input: Sendable {
        /// Whether server and disk are to be checked; the catalog has a pace of its own.
        let isServerDue: Bool
        /// Truncates that the stream has sent, up to `received`.
        let truncates: ReceivedTruncates
        let received: LogPosition
        /// The last commit in the log, if it is durable.
        let logged: LogPosition?
        /// Durable size of the segment being written.
        let segment: SegmentSize?
    }

    /// The result of a check.
    struct Reading: Sendable {
        /// The state of the server and of the disk.
        struct Server: Sendable {
            /// Nil if the server has no such slot.
            let slot: SlotState?
            let address: String
            /// A warning about a refused heartbeat, once.
            let refusal: String?
            let disk: DiskReading
        }

        /// Nil if only the catalog was checked.
        var server: Server?
    }

    private let failures: CheckFailures
    private let thread: SideThread<Input, Reading>
    private var serverCheckedAt = 0.0

    private static let serverSeconds = 2.0

    init(context: RoleContext, leg: Leg) {
        failures = CheckFailures(context, role: .capture)
        thread = SideThread(name: "capture watch") {
            let catalogMonitor = OriginCatalogMonitor(context: context, leg: leg)
            var session: (any OriginMonitorSession)?
            return { input in
                var reading = Reading()
                let current = try session ?? context.origin(of: leg).monitor(as: "capture watch")
                session = current
                if input.isServerDue {
                    let state = try current.logState(logged: input.logged)
                    reading.server = Reading.Server(
                        slot: state.slot, address: state.place, refusal: try current.writeHeartbeat(),
                        disk: try DiskReading(context.exportDirectory, leg))
                }
                try catalogMonitor.check(current, truncates: input.truncates, received: input.received)
                if input.isServerDue, let segment = input.segment {
                    try context.journal.segmentGrown(segment)
                }
                return reading
            }
        }
    }

    /// Discards a reading made during an earlier connection of the stream, and makes a check of the server
    /// due.
    func beginSession() {
        thread.discard()
        serverCheckedAt = 0
    }

    /// Returns the reading of the last check, once; nil while it runs. Starts the next check, with the input
    /// that `input` returns. Throws the error of the last check.
    func poll(at now: Double, _ input: (_ isServerDue: Bool) -> Input) throws -> Reading? {
        let reading = try failures.finding { try thread.take() }
        if thread.isIdle {
            let isServerDue = !(0...Self.serverSeconds).contains(now - serverCheckedAt)
            if isServerDue { serverCheckedAt = now }
            thread.begin(input(isServerDue))
        }
        return reading
    }
}
