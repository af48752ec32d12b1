import Records

/// Why a table's changes are not applied.
package struct TableNote: Sendable, Equatable {
    package enum Word: String, Sendable {
        /// For now: its changes wait.
        case setAside = "set aside"
        /// Its changes are being applied from where its hold began.
        case catchingUp = "catching up"
        /// For good, by the operator.
        case excluded
        /// It came to be after the start, and nothing of it is migrated.
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

/// One table's progress.
package struct TableStatus: Sendable, Equatable {
    package var name: QualifiedName
    package var rowsEstimate: Int64
    package var exportedRows: Int64
    package var importedRows: Int64
    package var snapshotIsDone: Bool
    /// Changes so far, both directions apart.
    package var exported: [Direction: ChangeCounts]
    package var imported: [Direction: ChangeCounts]
    /// Changes that could not be applied.
    package var incidents: [Direction: IncidentCounts]
    /// Why its changes are not applied; nil where they are.
    package var note: TableNote?

    package init(
        name: QualifiedName, rowsEstimate: Int64 = 0, exportedRows: Int64 = 0, importedRows: Int64 = 0,
        snapshotIsDone: Bool = false, exported: [Direction: ChangeCounts] = [:],
        imported: [Direction: ChangeCounts] = [:], incidents: [Direction: IncidentCounts] = [:]
    ) {
        self.name = name
        self.rowsEstimate = rowsEstimate
        self.exportedRows = exportedRows
        self.importedRows = importedRows
        self.snapshotIsDone = snapshotIsDone
        self.exported = exported
        self.imported = imported
        self.incidents = incidents
    }

    /// Changes exported and neither imported nor set aside yet.
    package func remaining(_ direction: Direction) -> Int64 {
        (exported[direction]?.total ?? 0) - (imported[direction]?.total ?? 0)
            - (incidents[direction]?.stashed ?? 0)
    }
}
