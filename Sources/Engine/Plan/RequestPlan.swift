import Records
import Schema

extension Migration {
    /// The statements and actions of a request, in their order.
    package func plan(for request: Request) throws -> [PlanLine] {
        let record = try record()
        switch request {
        case .startLiveMigration(let jobs): return try startPlan(record, jobs)
        case .initiateCutover(let options): return try cutoverPlan(record, options)
        case .endMigration(let options): return endPlan(record, options)
        case .exportSchema:
            return [
                .sentence(
                    .source,
                    "pg_dump --schema-only of \(record.schemas.joined(separator: ", ")) into schema/",
                    undo: "remove the files; the source is only read")
            ]
        case .importSchema(let options): return try importPlan(options)
        case .mendChecks(let names): return try mendingPlan(names)
        case .endSession(let end): return sessionPlan(record, end)
        case .checkDatabases, .analyzeSchema, .decideFindings, .fixFindings, .chooseTables, .pause, .resume,
            .setApplyMode, .setDiskLimits,
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
            return fix?.planLines(name.side) ?? []
        }
    }

    private func sessionPlan(_ record: MigrationRecord, _ end: SessionEnd) -> [PlanLine] {
        let known = planReading(end.side, record)?.facts?.statements.filter { $0.part == .sessionEnd } ?? []
        guard !known.isEmpty else {
            return [.unread(end.side, end.words, reason: "no process has read this database in this leg")]
        }
        return known.map { planned in
            var line = PlanLine(end.side, planned, step: end.words)
            line.parameters =
                "$1 = \(end.processID), $2 = \(end.startedAt), $3 = \(end.mode.rawValue), $4 = our own names"
            return line
        }
    }

    // MARK: Import

    /// The statements of the files under `schema/`, one for each object, in the order of the import.
    private func importPlan(_ options: ImportSchemaOptions) throws -> [PlanLine] {
        let files = SchemaFiles(exportDirectory: exportDirectory)
        let objects = try Schema.importedObjects(
            of: files, options: SchemaImportOptions(options),
            targetIsYugabyteDB: try journal.document(StartStatements.self, key: StartStatements.key)?
                .targetIsYugabyteDB ?? false)
        return objects.map { object in
            var line = PlanLine(side: .target, action: object.statements.first ?? "", undo: object.undo)
            line.more = Array(object.statements.dropFirst())
            line.step = object.label
            return line
        }
    }

    // MARK: Start

    private func startPlan(_ record: MigrationRecord, _ jobs: Int) throws -> [PlanLine] {
        let found = try journal.document(StartStatements.self, key: StartStatements.key)
        return StartPlan(record: record, jobs: jobs, found: found).lines
    }

    // MARK: Cutover

    private func cutoverPlan(_ record: MigrationRecord, _ options: CutoverOptions) throws -> [PlanLine] {
        let direction = options.ends
        var statements: [Side: [PlannedStatement]] = [:]
        var reasons: [Side: String] = [:]
        for side in [direction.origin, direction.destination] {
            let reading = planReading(side, record)
            statements[side] = reading?.facts?.statements
            reasons[side] = reading?.trouble
        }
        return CutoverPlan(record: record, options: options, statements: statements, reasons: reasons).lines
    }

    /// What a role of the present leg has published about a side.
    private func planReading(_ side: Side, _ record: MigrationRecord) -> GateReading<PlanReadings>? {
        guard let leg = record.currentLeg else { return nil }
        let role: Role = side == leg.direction.origin ? .capture : .apply
        return gateReading(PlanReadings.self, GateFiles.plan(role), leg.number)
    }

    // MARK: End

    private func endPlan(_ record: MigrationRecord, _ options: EndOptions) -> [PlanLine] {
        var lines: [PlanLine] = []
        for side in Side.allCases where record.isTouched(side) {
            let known = planReading(side, record)?.facts?.statements
            lines += (known ?? []).filter { $0.part == .opening }.map {
                PlanLine(side, $0, step: "The fence is opened")
            }
            lines += record.changes.reversed().filter { $0.undoneAt == nil && $0.side == side }.map {
                var line = PlanLine(side: side, action: $0.undo, undo: nil)
                line.step = "\($0.kind)"
                return line
            }
            let step = "Metadata of this migration"
            if let known {
                lines += known.filter { $0.part == .removal }.map { PlanLine(side, $0, step: step) }
            } else {
                lines.append(.unread(side, step, reason: "no process has read this database in this leg"))
            }
        }
        let directory = options.backupDirectory ?? "nowhere"
        lines.append(
            .sentence(
                nil, "write the requested backups to \(directory), then empty the export directory", undo: nil
            ))
        return lines
    }
}

extension CheckFix {
    /// The statements of the fix as a plan.
    func planLines(_ side: Side) -> [PlanLine] {
        let back = undo.isEmpty ? nil : undo.joined(separator: "; ")
        return statements.map { PlanLine(side: side, action: $0, undo: back) }
    }
}
