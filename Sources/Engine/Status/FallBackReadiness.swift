import Records

/// What a switch back to the source would take now: how long the application would be held, how many rows its
/// comparison would read, and how long foreign keys would be validated after it. It is known from the first
/// second of the fall-back on, by what the cutover to the target took.
package struct FallBackReadiness: Sendable, Equatable {
    /// Predicted time from the fence to the release; nil if it is not known whether the import keeps up.
    package var seconds: Double?
    /// Whether a rehearsal of the cutover to the source has predicted it.
    package var isRehearsed: Bool
    /// Greatest number of rows that are not proved equal; nil if tables are not proved.
    package var unprovedRows: Int64?
    /// Tables that are not proved, and that would be compared as a whole.
    package var unprovedTables: Int
    /// Foreign keys that would be validated after the release.
    package var foreignKeys: Int
    /// Time that this would take; nil if it is not known.
    package var foreignKeySeconds: Double?

    package init(
        seconds: Double?, isRehearsed: Bool = false, unprovedRows: Int64?, unprovedTables: Int = 0,
        foreignKeys: Int = 0, foreignKeySeconds: Double? = nil
    ) {
        self.seconds = seconds
        self.isRehearsed = isRehearsed
        self.unprovedRows = unprovedRows
        self.unprovedTables = unprovedTables
        self.foreignKeys = foreignKeys
        self.foreignKeySeconds = foreignKeySeconds
    }

    /// `switching back now: about 1.2 s, 0 rows unproved, 3 foreign keys validate in 41 s`
    package var words: String {
        let time = seconds.map { "\(isRehearsed ? "" : "about ")\(Self.words($0))" } ?? "time not known"
        let rows =
            unprovedRows.map { $0 == 0 ? "0 rows unproved" : "at most \(counted($0, "row")) unproved" }
            ?? "\(counted(unprovedTables, "table")) not proved"
        let keys =
            foreignKeys == 0
            ? "no foreign key to validate"
            : "\(counted(foreignKeys, "foreign key")) validate\(foreignKeys == 1 ? "s" : "")"
                + (foreignKeySeconds.map { " in about \(Self.words($0))" } ?? ", time not known")
        return "switching back now: \(time), \(rows), \(keys)"
    }

    private static func words(_ seconds: Double) -> String {
        seconds < 60 ? "\((seconds * 10).rounded() / 10) s" : "\(Int(seconds / 60)) min"
    }
}

extension MigrationStatus {
    /// What a switch back would take now; nil outside of the fall-back.
    func readiness(_ record: MigrationRecord, _ rehearsal: Rehearsal?) -> FallBackReadiness? {
        guard phase == .fallBack, let last = record.cutovers.last(where: { $0.releasedAt != nil }),
            let verification
        else { return nil }
        let rehearsed = rehearsal.flatMap {
            $0.to == .source && $0.rehearsedAt >= last.releasedAt ?? .infinity ? $0.downtimeSeconds : nil
        }
        let unproved = verification.tables.filter { $0.provedAt == nil }
        let suspended = record.changes.filter { change in
            guard change.side == .source, change.undoneAt == nil else { return false }
            if case .droppedForeignKey = change.kind { return true }
            return false
        }
        return FallBackReadiness(
            seconds: drainSeconds.map { (rehearsed ?? Self.seconds(of: last)) + $0 },
            isRehearsed: rehearsed != nil,
            unprovedRows: unproved.isEmpty ? rowsSinceProof(verification) : nil,
            unprovedTables: unproved.count, foreignKeys: suspended.count,
            foreignKeySeconds: Self.validationSeconds(suspended.map(\.kind), record))
    }

    /// Time that the changes on their way need; nil if it is not known.
    private var drainSeconds: Double? {
        switch timeToCatchUp {
        case .caughtUp: 0
        case .seconds(let seconds): seconds
        case .unknown, .notCatchingUp, .originUnread: nil
        }
    }

    /// Time that the steps of a cutover took from the fence on, without waits for people.
    private static func seconds(of cutover: Cutover) -> Double {
        let held = cutover.steps.drop { $0.step != .fence }.filter { $0.step != .approval }
        let took = held.compactMap { step in
            step.startedAt.flatMap { start in step.endedAt.map { max(0, $0 - start) } }
        }
        let handovers = zip(held, held.dropFirst()).count { $0.step.owner != $1.step.owner }
        return took.reduce(0, +) + Double(handovers) * Rehearsal.handoverSeconds
    }

    /// Number of changes since the tables were proved, and of the rows that were left open then.
    private func rowsSinceProof(_ verification: VerificationStatus) -> Int64 {
        let exported = Dictionary(
            tables.map { ($0.name, $0.exported[.reverse]?.total ?? 0) },
            uniquingKeysWith: { first, _ in first })
        return verification.tables.reduce(0) { sum, table in
            sum + Int64(table.openRows) + max(0, (exported[table.name] ?? 0) - (table.changesAtProof ?? 0))
        }
    }

    /// Time that the validation of the same keys took on the other side; nil if it is not known of one.
    private static func validationSeconds(_ kinds: [RecordedChange.Kind], _ record: MigrationRecord)
        -> Double?
    {
        var seconds = 0.0
        let done = record.changes.filter {
            $0.side == .target && $0.kind.isUnfinishedForeignKey && $0.undoneAt != nil
        }.sorted { ($0.undoneAt ?? 0) < ($1.undoneAt ?? 0) }
        for case .droppedForeignKey(let table, let name) in kinds {
            let kind = RecordedChange.Kind.unfinishedForeignKey(table: table, name: name)
            guard let index = done.lastIndex(where: { $0.kind == kind }), let end = done[index].undoneAt
            else {
                return nil
            }
            // They are validated one after the other.
            let start = max(done[index].madeAt, index > 0 ? done[index - 1].undoneAt ?? 0 : 0)
            seconds += max(0, end - start)
        }
        return seconds
    }
}
