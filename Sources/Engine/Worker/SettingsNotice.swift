import Records
import Synchronization

/// The sides for which this process has logged that the database's own settings are used.
package final class SettingsNotice: Sendable {
    /// Number of dependents that the message names.
    package static let namesMax = 5
    private let noticed = Mutex<Set<Side>>([])

    /// Whether this is the first call for a side.
    package func isFirst(of side: Side) -> Bool { noticed.withLock { $0.insert(side).inserted } }
}
