import Journal
import Records

/// What is known of the equality of the rows of both databases, in the leg under way.
package struct VerificationStatus: Sendable, Equatable {
    /// What is proved about one table.
    package struct Table: Sendable, Equatable {
        package var name: QualifiedName
        /// Time at which its last range was proved; nil if the table is not proved.
        package var provedAt: Double?
        /// Everything that was committed before it is proved, unless it was written again since.
        package var position: LogPosition?
        /// Number of rows of which nothing is proved.
        package var openRows = 0
        /// Number of its changes that had been exported when its proof began; nil if it is not known.
        package var changesAtProof: Int64?
        /// What the newest pass has read of it; nil if it has read nothing yet.
        package var entry: VerifyReport.Entry?

        package init(name: QualifiedName) { self.name = name }
    }

    package var choice: VerificationChoice
    /// The process that verifies now; nil if none does.
    package var processID: Int32?
    /// What the newest process has published; nil if none has in this leg.
    package var published: VerifyStatus?
    package var tables: [Table]

    package init(
        choice: VerificationChoice, processID: Int32? = nil, published: VerifyStatus? = nil,
        tables: [Table] = []
    ) {
        self.choice = choice
        self.processID = processID
        self.published = published
        self.tables = tables
    }

    package var provedTables: Int { tables.count { $0.provedAt != nil } }
    package var openRows: Int { tables.map(\.openRows).reduce(0, +) }
    package var differences: Int64 { tables.reduce(0) { $0 + ($1.entry?.differences ?? 0) } }
    /// Time of the oldest proof; nil if a table has none.
    package var oldestProofAt: Double? {
        provedTables == tables.count ? tables.compactMap(\.provedAt).min() : nil
    }

    /// What it does, in a few words.
    package var state: String {
        guard processID != nil else { return choice.isOn ? "waits for the worker" : "off" }
        return published?.waitsFor.map { "waits: \($0)" } ?? "running"
    }
}

extension Migration {
    /// What is known of the equality of the rows; nil in a phase without a leg.
    func verificationStatus(_ record: MigrationRecord) throws -> VerificationStatus? {
        guard record.phase.direction != nil, let leg = record.currentLeg else { return nil }
        let proof = try RowProof.read(leg: leg, journal)
        let published = verifyStatus().flatMap { $0.leg == leg.number ? $0 : nil }
        let tables = try journal.tables().map(\.table.name).filter { !record.isExcluded($0) }.sorted()
        return VerificationStatus(
            choice: record.verification ?? .off,
            processID: RoleLock.holder("\(exportDirectory)/\(RoleLock.verifyFile)"), published: published,
            tables: tables.map { name in
                var table = VerificationStatus.Table(name: name)
                let entry = proof?.tables[name]
                table.provedAt = entry?.provedAt
                table.position = entry?.position
                table.openRows = entry?.openKeys.count ?? 0
                table.changesAtProof = entry?.changes
                table.entry = published?.entry(of: name)
                return table
            })
    }
}
