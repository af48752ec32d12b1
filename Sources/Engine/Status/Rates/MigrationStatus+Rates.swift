import Records

extension MigrationStatus {
    /// The history of the export's rate on the leg under way. Its `now` is as old as the status of the role.
    package var exportRates: RateHistory? { capture?.rates }

    /// The history of the import's rate on the leg under way. Its `now` is as old as the status of the role.
    package var importRates: RateHistory? { apply?.rates }

    /// Changes per second that are exported now; nil if the role has published nothing lately.
    package var exportedPerSecond: Double? { capture.flatMap { isRecent($0) ? $0.rates?.now : nil } }

    /// Changes per second that are imported now; nil if the role has published nothing lately.
    package var importedPerSecond: Double? { apply.flatMap { isRecent($0) ? $0.rates?.now : nil } }

    /// The tables, the worst first: those with the most remaining changes, then those with the most changes
    /// that could not be applied, then in name order.
    package var tablesWorstFirst: [TableStatus] {
        let direction = direction
        return tables.sorted { left, right in
            let (remaining, others) = (left.remaining(direction), right.remaining(direction))
            if remaining != others { return remaining > others }
            let (errors, otherErrors) = (left.errors(direction), right.errors(direction))
            return errors != otherErrors ? errors > otherErrors : left.name < right.name
        }
    }
}

extension TableStatus {
    /// Changes that could not be applied: stashed ones, and those at which the apply has stopped.
    package func errors(_ direction: Direction) -> Int64 {
        let counts = incidents[direction] ?? .zero
        return Int64(counts.stashed) + Int64(counts.stopped)
    }
}
