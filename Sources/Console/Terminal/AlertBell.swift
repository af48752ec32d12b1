import Engine

/// Decides when the terminal's bell rings: once for a new error, and again every ten seconds for what is
/// critical, six times at most. A value: needs and times go in.
package struct AlertBell: Sendable {
    private var known: Set<String> = []
    private var rings = 0
    private var rungAt = -Double.infinity

    /// Time between two rings for something critical, and their greatest number.
    package static let everySeconds = 10.0
    package static let ringsMax = 6

    package init() {}

    /// Takes what needs the operator now. Returns whether the bell rings.
    package mutating func rings(for needs: [Need], at now: Double) -> Bool {
        let serious = needs.filter { $0.severity >= .error }
        let names = Set(serious.map { $0.alert?.id.description ?? $0.sentence })
        let isNew = !names.subtracting(known).isEmpty
        known = names
        let isCritical = serious.contains { $0.severity == .critical }
        if isNew { rings = 0 }
        if !isCritical { rings = isNew ? 0 : Self.ringsMax }
        guard isNew || isCritical && rings < Self.ringsMax && abs(now - rungAt) >= Self.everySeconds else {
            return false
        }
        rings += 1
        rungAt = now
        return true
    }
}
