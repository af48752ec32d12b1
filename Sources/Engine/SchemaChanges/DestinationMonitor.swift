import Records

/// A monitor of one fact of the destination. It has a thread and a connection of its own: no change waits for
/// it, and the other connections are in pipelines. It belongs to the apply role.
final class DestinationMonitor<Facts: Equatable & Sendable> {
    /// The result of a check, with the time that it took.
    private struct Checked: Sendable {
        let isOther: Bool
        let seconds: Double
    }

    private let failures: CheckFailures
    private let thread: SideThread<Facts, Checked>
    private let pace: MonitorPace
    private var waitSeconds: Double
    private var checkedAt = secondsNow()

    /// - Parameter read: reads the fact
    init(
        _ context: RoleContext, _ leg: Leg, pace: MonitorPace,
        _ read: @escaping @Sendable (any DestinationReader) throws -> Facts
    ) {
        failures = CheckFailures(context, role: .apply)
        self.pace = pace
        waitSeconds = pace.secondsMin
        thread = SideThread(name: "apply watch") {
            var reader: (any DestinationReader)?
            return { known in
                let begun = secondsNow()
                let current = try reader ?? context.destination(of: leg).monitor(as: "apply watch")
                reader = current
                let isOther = try read(current) != known
                return Checked(isOther: isOther, seconds: secondsNow() - begun)
            }
        }
    }

    /// Notes that another connection has just read the fact.
    func noteCheck() {
        thread.discard()
        checkedAt = secondsNow()
    }

    /// Returns once whether the last check found something other than `known`, and begins the next check when
    /// it is due. Throws the error of a check, unless it may pass.
    func seesChange(from known: Facts) throws -> Bool {
        if let checked = try failures.finding({ try thread.take() }) {
            checkedAt = secondsNow()
            waitSeconds = pace.waitSeconds(afterCheckOf: checked.seconds)
            return checked.isOther
        }
        if thread.isIdle, hasPassed(waitSeconds, since: checkedAt, at: secondsNow()) { thread.begin(known) }
        return false
    }
}
