import Records

/// Changes of tables without a key that take long to find their rows. A value: what was sent and when goes in, the table to tell
/// of comes out.
struct SlowLookups {
    struct Finding: Equatable {
        let table: QualifiedName
        let secondsPerChange: Double
    }

    /// Answers are read after as many changes, so that slow ones are noticed while they run.
    static let changesMax = 64
    /// A change that takes as long is told of. One by an index takes less than a hundredth of it.
    static let slowSeconds = 0.03
    /// The same table is told of again after as long.
    static let repeatSeconds = 600.0

    private var changes: [QualifiedName: Int] = [:]
    private var changeCount = 0
    private var startedAt = 0.0
    private var toldAt: [QualifiedName: Double] = [:]

    var isFull: Bool { changeCount >= Self.changesMax }

    /// A change of a table without a key was sent.
    mutating func sent(_ table: QualifiedName, at now: Double) {
        if changeCount == 0 { startedAt = now }
        changes[table, default: 0] += 1
        changeCount += 1
    }

    /// The answers of all that was sent are there, or will never come. Returns the table with the most of the changes where
    /// they took long and nothing was said of it for a while.
    mutating func answered(at now: Double) -> Finding? {
        guard changeCount > 0 else { return nil }
        let seconds = (now - startedAt) / Double(changeCount)
        let table = changes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        changes.removeAll(keepingCapacity: true)
        changeCount = 0
        guard let table, seconds >= Self.slowSeconds else { return nil }
        if let last = toldAt[table], now - last < Self.repeatSeconds { return nil }
        toldAt[table] = now
        return Finding(table: table, secondsPerChange: seconds)
    }
}

/// Notes slow changes of tables without a key in the event log. It outlives the connections of the apply role.
final class SlowLookupWatch {
    private var lookups = SlowLookups()
    private let tell: (SlowLookups.Finding) -> Void

    init(_ context: RoleContext, _ leg: Leg) {
        tell = { finding in
            context.log(
                .warning, "apply",
                "an update or delete of \(finding.table) takes \(milliseconds(finding.secondsPerChange)) ms on the "
                    + "\(leg.direction.destination.rawValue), and all that follows waits for it: the table has no primary key, and "
                    + "no index there tells its rows apart; create one on columns that do. It is used from the next "
                    + "connection on")
        }
    }

    var isFull: Bool { lookups.isFull }

    func sent(_ table: QualifiedName) { lookups.sent(table, at: monotonicSeconds()) }

    func answered() {
        if let finding = lookups.answered(at: monotonicSeconds()) { tell(finding) }
    }
}

private func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }
