import Records

/// Changes of tables without a key whose rows take long to find. A value: what was sent and when goes in, the
/// table to report comes out.
struct SlowLookups {
    /// A table whose rows take long to find.
    struct Finding: Equatable {
        let table: QualifiedName
        let secondsPerChange: Double
    }

    /// Answers are read after this many changes, so that slow ones are noticed while they run.
    static let changesMax = 64
    /// A change that takes this long is reported. A lookup by an index takes less than a hundredth of it.
    static let slowSeconds = 0.03
    /// A table is not reported again for this long.
    static let repeatSeconds = 600.0

    private var changes: [QualifiedName: Int] = [:]
    private var changeCount = 0
    private var startedAt = 0.0
    private var reportedAt: [QualifiedName: Double] = [:]

    var isFull: Bool { changeCount >= Self.changesMax }

    /// Takes note of a change of a table without a key.
    mutating func sent(_ table: QualifiedName, at now: Double) {
        if changeCount == 0 { startedAt = now }
        changes[table, default: 0] += 1
        changeCount += 1
    }

    /// Takes note that all answers have arrived, or never will. Returns the table with most of the changes,
    /// if they took long and it was not reported lately.
    mutating func answered(at now: Double) -> Finding? {
        guard changeCount > 0 else { return nil }
        let seconds = (now - startedAt) / Double(changeCount)
        let table = changes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        changes.removeAll(keepingCapacity: true)
        changeCount = 0
        guard let table, seconds >= Self.slowSeconds else { return nil }
        if let last = reportedAt[table], now - last < Self.repeatSeconds { return nil }
        reportedAt[table] = now
        return Finding(table: table, secondsPerChange: seconds)
    }
}

/// The monitor that notes slow lookups in the event log. It outlives the connections of the apply role.
package final class SlowLookupMonitor {
    private var lookups = SlowLookups()
    private let report: (SlowLookups.Finding) -> Void

    init(_ context: RoleContext, _ leg: Leg) {
        report = { finding in
            context.log(
                .warning, "apply",
                "an update or delete of \(finding.table) takes \(milliseconds(finding.secondsPerChange)) ms "
                    + "on the \(leg.direction.destination.rawValue), and all changes after it wait: the "
                    + "table has no primary key and no index that distinguishes its rows; create an index on "
                    + "columns that do. It is used from the next connection on")
        }
    }

    /// Whether answers are to be read before more changes are sent.
    package var isFull: Bool { lookups.isFull }

    /// Takes note that a change of a table without a key was sent.
    package func sent(_ table: QualifiedName) { lookups.sent(table, at: monotonicSeconds()) }

    /// Takes note that the answers to all changes have arrived, or never will.
    package func answered() {
        if let finding = lookups.answered(at: monotonicSeconds()) { report(finding) }
    }
}

private func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }
