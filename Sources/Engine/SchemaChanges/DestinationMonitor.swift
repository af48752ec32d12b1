import Postgres
import Records

/// Looks at one thing of the destination every few seconds and tells when it is other than it was, on a thread and a
/// connection of its own: no change waits for it, and the other connections are in their pipelines. It belongs to the apply
/// role.
final class DestinationMonitor<Facts: Equatable & Sendable> {
    private struct Seen: Sendable {
        let isOther: Bool
        let seconds: Double
    }

    private let failures: CheckFailures
    private let thread: SideThread<Facts, Seen>
    private let secondsMin: Double
    private var waitSeconds: Double
    private var lookedAt = secondsNow()

    /// Looks take no more than this part of the time.
    private static var lookShare: Double { 50 }

    /// - Parameters:
    ///   - secondsMin: between two looks, where they are quick.
    ///   - look: what is seen there, in the schemas of the migration.
    init(
        _ context: RoleContext, _ leg: Leg, secondsMin: Double,
        _ look: @escaping @Sendable (borrowing PostgresConnection, _ schemas: [String]) throws -> Facts
    ) {
        failures = CheckFailures(context, role: .apply)
        self.secondsMin = secondsMin
        waitSeconds = secondsMin
        thread = SideThread(name: "apply watch") {
            let connection = MonitorConnection(context, leg.direction.destination, as: "apply watch")
            return { known in
                let begun = secondsNow()
                let schemas = try context.record().schemas
                let isOther = try connection.use { try look($0, schemas) } != known
                return Seen(isOther: isOther, seconds: secondsNow() - begun)
            }
        }
    }

    /// Somebody else has looked just now.
    func looked() {
        thread.discard()
        lookedAt = secondsNow()
    }

    /// Whether what was seen last is other than `known`, told once; has the next look begun where it is time to. Throws what
    /// the look has thrown, but for a condition that passes.
    func seesChange(from known: Facts) throws -> Bool {
        if let seen = try failures.finding({ try thread.take() }) {
            lookedAt = secondsNow()
            waitSeconds = max(secondsMin, seen.seconds * Self.lookShare)
            return seen.isOther
        }
        if thread.isIdle, hasPassed(waitSeconds, since: lookedAt, at: secondsNow()) { thread.begin(known) }
        return false
    }
}
