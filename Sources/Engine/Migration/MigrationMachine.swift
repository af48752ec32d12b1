import Records

/// The state machine of a migration: which request is legal in which phase, and which phase an event leads
/// to. It is the one place that decides either, so that console and verbs refuse the same requests with the
/// same words.
package struct MigrationMachine {
    package static let endedRefusal = "this migration has ended; use a new export directory for the next one"

    private let record: MigrationRecord

    package init(_ record: MigrationRecord) {
        self.record = record
    }

    /// The sentence that says why a request is not legal now, and what to do first; nil if it is legal.
    package func refusal(of request: Request) -> String? {
        if record.phase == .ended { return Self.endedRefusal }
        return switch request {
        case .checkDatabases, .mendChecks, .acknowledge, .stopWorker: nil
        case .retryTable(let table): record.setAsideTable(table) == nil ? "\(table) is not set aside" : nil
        case .excludeTable(let table):
            record.isExcluded(table)
                ? "\(table) is excluded already"
                : record.setAsideTable(table) == nil && !record.unmigrated.contains { $0.table == table }
                    ? "\(table) is neither set aside nor new; only such a table can be excluded while "
                        + "changes stream"
                    : record.openCutover != nil ? "a cutover is under way; abort it, or let it end" : nil
        case .acceptDifferences(let differences):
            differences.isEmpty
                ? "no difference is named"
                : differences.contains { $0.reason.isEmpty }
                    ? "give a reason for which the difference is accepted" : nil
        case .setErrorPolicy(let rules):
            rules.incidentsMax < 0 ? "the number of changes that may be stashed is 0 or more" : nil
        case .setApplyMode(let mode): Self.refusal(of: mode)
        case .setDiskLimits(let limits): limits.problem
        case .setVerification(let choice): choice.problem
        case .exportSchema: refusalOfExportSchema()
        case .analyzeSchema:
            record.phase == .prepare ? "export the schema first: `switchback export schema`" : nil
        case .decideFindings(let change): change.problem
        case .fixFindings: refusalOfFixes()
        case .importSchema(let options): refusalOfImportSchema(options)
        case .chooseTables:
            record.legs.isEmpty
                ? nil
                : "the table list cannot change once the export has begun; begin with --start-clean true"
        case .startLiveMigration: refusalOfStart()
        case .pause:
            record.phase.direction == nil
                ? "nothing is running that could be paused"
                : record.openCutover != nil ? "a cutover is under way; abort it, or let it end" : nil
        case .resume: record.isPaused || record.phase.direction != nil ? nil : "nothing is paused or stopped"
        case .initiateCutover(let options): refusalOfCutover(options)
        case .approveRelease: refusalOfApproval()
        case .abortCutover:
            record.openCutover == nil
                ? "no cutover is under way that could be aborted; after the release, initiate a cutover to "
                    + "the other side"
                : nil
        case .endSession:
            record.phase.direction == nil ? "no changes stream now, so no session is in the way" : nil
        case .endMigration:
            record.openCutover == nil
                ? nil : "a cutover is under way; abort it, or let it end, before the end"
        }
    }

    private static func refusal(of mode: ApplyMode) -> String? {
        guard case .parallel(let channels) = mode, !(1...ApplyMode.channelsMax).contains(channels)
        else { return nil }
        return "\(channels) channels are out of bounds; give 1 to \(ApplyMode.channelsMax)"
    }

    private func refusalOfApproval() -> String? {
        guard let cutover = record.openCutover else {
            return "no cutover is under way that could be approved; see `switchback cutover status`"
        }
        let status = cutover.status
        if status.awaitsApproval { return nil }
        let name = "the cutover to \(cutover.options.to.rawValue)"
        guard status.requiresApproval else {
            return "\(name) needs no approval: it was initiated without --await-approval"
        }
        if cutover.isApproved { return "\(name) is approved already" }
        return "\(name) does not await approval yet"
            + (cutover.nextStep.map { ": its step is '\($0.step.title(cutover.options.ends))'" } ?? "")
            + "; `switchback approve cutover --wait true` waits for it"
    }

    private func refusalOfExportSchema() -> String? {
        switch record.phase {
        case .prepare, .schema: nil
        case .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource, .complete, .ended:
            "the schema is exported before the data; this migration is already at "
                + "\(record.phase.group.rawValue)"
        }
    }

    private func refusalOfFixes() -> String? {
        switch record.phase {
        case .prepare: "export the schema first: `switchback export schema`"
        case .schema: nil
        case .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource, .complete, .ended:
            "the live migration has begun, so the console changes no file of the schema: "
                + "`switchback analyze-schema --fix` does"
        }
    }

    private func refusalOfImportSchema(_ options: ImportSchemaOptions) -> String? {
        if options.startClean == true, record.phase != .prepare, record.phase != .schema {
            return "the data has begun to move, and nothing is dropped on the target any more"
        }
        return switch record.phase {
        case .prepare: "export the schema first: `switchback export schema`"
        case .schema, .streaming, .fallBack, .complete: nil
        case .snapshot:
            options.postSnapshotImport
                ? "the snapshot is not complete; import indexes and triggers when it is" : nil
        case .cutoverToTarget, .cutoverToSource: "a cutover is under way; import when it has ended"
        case .ended: "this migration has ended"
        }
    }

    private func refusalOfStart() -> String? {
        switch record.phase {
        case .prepare, .schema:
            record.sourceIsKnown && record.targetIsKnown
                ? nil : "give the connections of source and target first"
        case .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource:
            "the live migration has started already"
        case .complete, .ended: "the live migration has ended"
        }
    }

    private func refusalOfCutover(_ options: CutoverOptions) -> String? {
        if let open = record.openCutover {
            return "the cutover to \(open.options.to.rawValue) is already initiated"
        }
        if record.isPaused { return "the migration is paused; resume it before a cutover" }
        if record.phase == .streaming || record.phase == .fallBack, let refusal = record.tablesRefusal {
            return refusal
        }
        switch (record.phase, options.to) {
        case (.streaming, .target), (.fallBack, .source): return nil
        case (.streaming, .source):
            return "the cutover to target has not completed; a cutover to source comes after it"
        case (.fallBack, .target): return "the cutover to target has completed already"
        case (.prepare, _), (.schema, _): return "the live migration has not begun; start it first"
        case (.snapshot, _):
            return "the snapshot is not complete; initiate the cutover when the changes stream"
        case (.cutoverToTarget, _), (.cutoverToSource, _): return "a cutover is under way"
        case (.complete, _), (.ended, _):
            return "the last cutover has completed; nothing streams that could be cut over"
        }
    }
}
