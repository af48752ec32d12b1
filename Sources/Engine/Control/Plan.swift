import Records

/// One statement or action of a request, shown before the request is performed.
package struct PlanLine: Sendable, Equatable {
    package let side: Side?
    /// SQL text, or a sentence for what is no SQL.
    package let action: String
    /// What undoes it; nil if nothing can.
    package let undo: String?

    package init(side: Side?, action: String, undo: String?) {
        self.side = side
        self.action = action
        self.undo = undo
    }
}

extension Migration {
    /// The actions of a request, in their order.
    package func plan(for request: Request) throws -> [PlanLine] {
        let record = try record()
        switch request {
        case .startLiveMigration(let jobs): return startPlan(record, jobs)
        case .initiateCutover(let options): return cutoverPlan(record, options)
        case .endMigration(let options): return endPlan(record, options)
        case .exportSchema:
            return [
                PlanLine(
                    side: .source,
                    action: "pg_dump --schema-only of \(record.schemas.joined(separator: ", ")) into schema/",
                    undo: "remove the files; the source is only read")
            ]
        case .importSchema(let options):
            return [
                PlanLine(
                    side: .target,
                    action: options.postSnapshotImport
                        ? "create indexes, triggers and late constraints from schema/, fill materialized "
                            + "views"
                        : "create the objects of schema/ except plain indexes and triggers",
                    undo: "drop them on the target; no application uses it yet")
            ]
        case .mendChecks(let names): return try mendingPlan(names)
        case .endSession(let end):
            let function = end.mode == .cancel ? "pg_cancel_backend" : "pg_terminate_backend"
            return [PlanLine(side: end.side, action: "select \(function)(\(end.processID))", undo: nil)]
        case .checkDatabases, .analyzeSchema, .chooseTables, .pause, .resume, .setApplyMode, .setDiskLimits,
            .approveRelease,
            .abortCutover, .setErrorPolicy, .retryTable, .excludeTable, .acceptDifferences, .acknowledge,
            .setVerification, .stopWorker:
            return []
        }
    }

    /// The statements of the checks' fixes, by the newest checks.
    private func mendingPlan(_ names: [CheckName]) throws -> [PlanLine] {
        let checks = try newestRecord(titled: Request.checkDatabases.title)?.checks ?? []
        return names.flatMap { name -> [PlanLine] in
            let fix = checks.first { $0.side == name.side && $0.name == name.name }?.fix
            let undo = fix.flatMap { $0.undo.isEmpty ? nil : $0.undo.joined(separator: "; ") }
            return (fix?.statements ?? []).map { PlanLine(side: name.side, action: $0, undo: undo) }
        }
    }

    private func startPlan(_ record: MigrationRecord, _ jobs: Int) -> [PlanLine] {
        let leg = Leg(number: 1, direction: .forward, start: .snapshot, uuid: record.uuid)
        return [
            PlanLine(
                side: .source, action: "create publication \(leg.publicationName) for all tables to migrate",
                undo: "drop publication \(leg.publicationName)"),
            PlanLine(
                side: .source,
                action:
                    "create replication slot \(leg.slotName) with its snapshot (the source keeps WAL for it)",
                undo: "pg_drop_replication_slot('\(leg.slotName)')"),
            PlanLine(
                side: .target, action: "create schema ybvoyager_metadata with four tables",
                undo: "drop schema ybvoyager_metadata"),
            PlanLine(
                side: .target,
                action: "copy all rows by \(jobs) jobs at once, triggers off for our sessions only",
                undo: "truncate the tables"),
            PlanLine(
                side: .target, action: "apply the changes from the snapshot's position on, exactly once",
                undo: "end migration"),
        ]
    }

    private func cutoverPlan(_ record: MigrationRecord, _ options: CutoverOptions) -> [PlanLine] {
        CutoverStep.steps(record.completed(options)).map { step in
            let side = step.owner == .capture ? options.ends.origin : options.ends.destination
            let undo: String? =
                switch step {
                case .fence: "the fence is removed"
                case .fallBackSlot: "slot and publication are dropped"
                case .openDestination: "the fence is set up again"
                case .suspendOrigin: "triggers and foreign keys are as they were"
                case .restoreDestination: "triggers and foreign keys are turned off again"
                case .release: nil
                case .readFacts, .gates, .quiesce, .barrier, .drain, .readSequences, .setSequences,
                    .checksumOrigin, .checksumDestination, .refreshViews, .prepareOrigin, .quietProof,
                    .approval:
                    "nothing to undo"
                }
            return PlanLine(side: side, action: step.title(options.ends), undo: undo)
        }
    }

    private func endPlan(_ record: MigrationRecord, _ options: EndOptions) -> [PlanLine] {
        var lines = record.changes.reversed().filter { $0.undoneAt == nil }.map { change in
            PlanLine(side: change.side, action: change.undo, undo: nil)
        }
        lines.append(
            PlanLine(side: .target, action: "remove this migration from schema ybvoyager_metadata", undo: nil)
        )
        if record.fallBackEnabled || record.legs.contains(where: { $0.origin.barriers == .row }) {
            lines.append(
                PlanLine(
                    side: .source, action: "remove this migration from schema ybvoyager_metadata", undo: nil))
        }
        let directory = options.backupDirectory ?? "nowhere"
        lines.append(
            PlanLine(
                side: nil,
                action: "write the requested backups to \(directory), then empty the export directory",
                undo: nil))
        return lines
    }
}
