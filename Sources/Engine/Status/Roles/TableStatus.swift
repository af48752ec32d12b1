import Records

/// The reason why a table's changes are not applied.
package struct TableNote: Sendable, Equatable {
    /// The reason as one word.
    package enum Word: String, Sendable {
        /// Its changes wait.
        case setAside = "set aside"
        /// It was set aside, and the changes that waited are being applied.
        case catchingUp = "catching up"
        /// The operator has removed it for good.
        case excluded
        /// It was created after the start, and is not migrated.
        case new
    }

    package let word: Word
    package let reason: String
    package let remedy: String
    package let since: Double

    package init(word: Word, reason: String, remedy: String = "", since: Double) {
        self.word = word
        self.reason = reason
        self.remedy = remedy
        self.since = since
    }
}

/// The progress of one table.
package struct TableStatus: Sendable, Equatable {
    package var name: QualifiedName
    package var rowsEstimate: Int64
    package var exportedRows: Int64
    package var importedRows: Int64
    /// Whether the copy is complete on both sides.
    package var snapshotIsDone: Bool
    /// Whether the copy is read from the source, and whether it is written to the target.
    package var snapshotIsExported: Bool
    package var snapshotIsImported: Bool
    /// Changes so far, by direction.
    package var exported: [Direction: ChangeCounts]
    package var imported: [Direction: ChangeCounts]
    /// Counts of changes that could not be applied, by direction.
    package var incidents: [Direction: IncidentCounts]
    /// Why its changes are not applied; nil if they are.
    package var note: TableNote?
    /// Changes per second that are exported now; nil if that is not known.
    package var exportedPerSecond: Double?
    /// Changes per second that are applied now; nil if that is not known.
    package var appliedPerSecond: Double?

    package init(
        name: QualifiedName, rowsEstimate: Int64 = 0, exportedRows: Int64 = 0, importedRows: Int64 = 0,
        snapshotIsDone: Bool = false, snapshotIsExported: Bool? = nil, snapshotIsImported: Bool? = nil,
        exported: [Direction: ChangeCounts] = [:],
        imported: [Direction: ChangeCounts] = [:], incidents: [Direction: IncidentCounts] = [:]
    ) {
        self.name = name
        self.rowsEstimate = rowsEstimate
        self.exportedRows = exportedRows
        self.importedRows = importedRows
        self.snapshotIsDone = snapshotIsDone
        self.snapshotIsExported = snapshotIsExported ?? snapshotIsDone
        self.snapshotIsImported = snapshotIsImported ?? snapshotIsDone
        self.exported = exported
        self.imported = imported
        self.incidents = incidents
    }

    /// Changes exported, and not yet imported or stashed.
    package func remaining(_ direction: Direction) -> Int64 {
        (exported[direction]?.total ?? 0) - (imported[direction]?.total ?? 0)
            - (incidents[direction]?.stashed ?? 0)
    }
}
