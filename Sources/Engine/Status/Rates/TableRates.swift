import Records

/// The rates of changes by table, from one reading of the counts to the next. A value: times are arguments.
struct TableRates: Sendable {
    /// Changes per second, by table; a table without changes has no entry.
    private(set) var now: [QualifiedName: Double] = [:]
    private var counts: [QualifiedName: Int64] = [:]
    private var readAt: Double?

    /// Shortest time between two readings that are compared.
    private static let secondsMin = 2.0

    /// Begins anew: the next reading is compared with these counts.
    mutating func begin(_ counts: [QualifiedName: ChangeCounts], at now: Double) {
        self.now = [:]
        take(counts, at: now)
    }

    /// Takes the counts if the last reading is old enough.
    mutating func read(_ counts: [QualifiedName: ChangeCounts], at now: Double) {
        guard let readAt else { return begin(counts, at: now) }
        guard hasPassed(Self.secondsMin, since: readAt, at: now) else { return }
        let seconds = max(Self.secondsMin, now - readAt)
        self.now = [:]
        for (table, count) in counts {
            let change = count.total - (self.counts[table] ?? 0)
            if change > 0 { self.now[table] = Double(change) / seconds }
        }
        take(counts, at: now)
    }

    private mutating func take(_ counts: [QualifiedName: ChangeCounts], at now: Double) {
        self.counts = counts.mapValues(\.total)
        readAt = now
    }
}
