import Foundation
import Journal
import Records
import Schema

/// The work of one request. Its end is written to the journal.
struct RequestWork: Sendable {
    let context: RoleContext
    let line: @Sendable (String) -> Void

    /// The result of a request.
    private struct Outcome: Sendable {
        var answer: String
        var checks: [CheckResult]?
        var issues: [SchemaIssue]?
    }

    /// Performs a request. An error is written to the request's record, and thrown.
    func perform(_ id: Int64, _ request: Request) async throws {
        do {
            let outcome = try await OnSessionThread().run {
                try comparePlan(id, request)
                return try work(id, request)
            }
            try end(id, .done, outcome.answer, outcome)
        } catch {
            try end(id, .failed, "\(error)", nil, eventOrigin: request.title)
            throw error
        }
    }

    /// Ends the request. With an event's origin, the answer is logged as an error in the same transaction.
    private func end(
        _ id: Int64, _ state: RequestRecord.State, _ answer: String, _ outcome: Outcome?,
        eventOrigin: String? = nil
    ) throws {
        let findings = RequestRecord.Findings(checks: outcome?.checks, issues: outcome?.issues)
        let json = String(decoding: try JSONEncoder().encode(findings), as: UTF8.self)
        try context.journal.transaction("end a request") { transaction in
            try transaction.endRequest(
                id, state: state.rawValue, answer: answer, findingsJSON: json, at: secondsNow())
            if let eventOrigin { try transaction.log(.error, eventOrigin, answer) }
        }
    }

    private func note(_ id: Int64, _ text: String) {
        line(text)
        // Progress is for people: losing a line does no harm, and an error of the journal is met again at the
        // request's end.
        do { try context.journal.appendLine(text, toRequest: id) } catch {
            line("(progress not kept: \(error))")
        }
    }

    /// Throws `PlanHasChanged` if the request would run other statements than the operator saw.
    private func comparePlan(_ id: Int64, _ request: Request) throws {
        guard let seen = try context.seenPlan(.request(id)) else { return }
        let reader = PlanReader(context: context)
        switch request {
        case .endMigration, .endSession: try reader.publishOthers()
        case .checkDatabases, .exportSchema, .analyzeSchema, .decideFindings, .fixFindings, .importSchema,
            .chooseTables,
            .startLiveMigration, .pause, .resume, .setApplyMode, .setDiskLimits, .initiateCutover,
            .approveRelease, .abortCutover, .setErrorPolicy, .retryTable, .excludeTable, .acceptDifferences,
            .acknowledge, .setVerification, .stopWorker:
            break
        // Its checks are made again first, and it compares what they find.
        case .mendChecks: return
        }
        let migration = Migration(context.journal, exportDirectory: context.exportDirectory)
        try seen.compare(with: try migration.plan(for: request))
    }

    private func work(_ id: Int64, _ request: Request) throws -> Outcome {
        switch request {
        case .checkDatabases: return try checkDatabases(id)
        case .mendChecks(let names): return try mendChecks(id, names)
        case .exportSchema(let startClean): return try exportSchema(id, startClean)
        case .analyzeSchema: return try analyzeSchema(id)
        case .fixFindings(let fixes): return try fixFindings(id, fixes)
        case .importSchema(let options): return try importSchema(id, options)
        case .endMigration(let options):
            try EndMigration(context: context, options: options, line: { note(id, $0) }).perform()
            return Outcome(answer: "Ended migration successfully")
        case .endSession(let end): return try endSession(id, end)
        case .decideFindings, .chooseTables, .startLiveMigration, .pause, .resume, .setApplyMode,
            .setDiskLimits, .initiateCutover,
            .approveRelease,
            .abortCutover, .setErrorPolicy, .retryTable, .excludeTable, .acceptDifferences,
            .acknowledge, .setVerification, .stopWorker:
            return Outcome(answer: "done")
        }
    }

    /// Ends a session, and logs who asked for it.
    private func endSession(_ id: Int64, _ end: SessionEnd) throws -> Outcome {
        let by = try context.journal.request(id)?.askedBy ?? "nobody"
        switch try context.side(end.side).end(end) {
        case .done:
            context.log(.warning, "operator", "\(end.result), asked by \(by)")
            return Outcome(answer: end.result)
        case .gone:
            throw RequestRefused(
                "\(end.words) on the \(end.side.rawValue) is gone, and nothing was ended")
        }
    }

    private func checkDatabases(_ id: Int64) throws -> Outcome {
        var checks: [CheckResult] = []
        for side in Side.allCases where context.has(side) {
            note(id, "checking the \(side.rawValue)")
            checks += try context.side(side).checks(forFallBack: true)
        }
        let failures = checks.filter { $0.state == .failure }.count
        PlanReader(context: context).keepStart()
        let answer =
            failures == 0
            ? "\(checks.count) checks, nothing in the way" : "\(failures) of \(checks.count) checks failed"
        return Outcome(answer: answer, checks: checks)
    }

    /// Checks again, and performs the SQL of the named checks that still find something.
    private func mendChecks(_ id: Int64, _ names: [CheckName]) throws -> Outcome {
        let by = try context.journal.request(id)?.askedBy ?? "nobody"
        let seen = try context.seenPlan(.request(id))
        var performed: [PerformedFix] = []
        for side in Side.allCases where context.has(side) && names.contains(where: { $0.side == side }) {
            note(id, "checking the \(side.rawValue)")
            let checks = try context.side(side).checks(forFallBack: true)
            for check in checks where names.contains(CheckName(side: side, name: check.name)) {
                guard let fix = check.fix else { continue }
                try seen?.compareFix(fix.planLines(side))
                let result = try fix.perform(for: check, context, by: by)
                performed.append(result)
                note(id, result.sentence)
            }
        }
        if let failed = performed.first(where: { $0.failure != nil }) {
            throw RequestRefused(failed.sentence)
        }
        return Outcome(
            answer: performed.isEmpty
                ? "nothing is left to mend" : "mended: \(performed.map(\.name).listed(max: 5))")
    }

    private func exportSchema(_ id: Int64, _ startClean: Bool) throws -> Outcome {
        let result = try context.side(.source).exportSchema(
            to: SchemaFiles(exportDirectory: context.exportDirectory), startClean: startClean,
            line: { note(id, $0) })
        try context.update { record in _ = try record.take(.schemaExported, at: secondsNow()) }
        try reportNotCarried(id)
        PlanReader(context: context).keepStart()
        switch result {
        case .alreadyExported: return Outcome(answer: "the schema was exported before; nothing was done")
        case .exported(let counts):
            return Outcome(answer: "\(counts.values.reduce(0, +)) objects exported to schema/")
        }
    }

    /// Reports what neither the files nor the stream carry to the target.
    private func reportNotCarried(_ id: Int64) throws {
        let source = try context.side(.source)
        let choice = TableChoice(try source.tableFacts(), try context.record())
        let answer = try NotCarriedAnswer(choice) {
            try source.uncarriedObjects(of: choice.tables.map(\.name))
        }
        for finding in try StartNotice(context: context).keep(answer) { note(id, finding.line) }
    }

    private func analyzeSchema(_ id: Int64) throws -> Outcome {
        let files = SchemaFiles(exportDirectory: context.exportDirectory)
        let options = context.options.analysis
        let analysis = try analysis(of: files)
        let heading = ReportHeading(
            program: options.program, database: try context.record().forms.source.database,
            databaseVersion: try files.dumpedVersion(), at: secondsNow())
        try files.writeReview(analysis, at: heading.at)
        for path in try writeReport(analysis, heading: heading, formats: options.formats, files: files) {
            note(id, "-- find schema analysis report at: \(path)")
        }
        for decision in analysis.decisionsWithoutFinding {
            note(id, "\(decision.finding) is \(decision.kind.rawValue), and matches nothing any more")
        }
        let decided = analysis.findings.count - analysis.openIssues.count
        return Outcome(
            answer: counted(analysis.findings.count, "finding") + (decided > 0 ? ", \(decided) decided" : ""),
            issues: analysis.issues)
    }

    private func analysis(of files: SchemaFiles) throws -> SchemaAnalysis {
        try Schema.analyzeSchema(
            files: files, target: try context.options.analysis.target ?? targetOfAnalysis())
    }

    /// Changes the files as it was shown, and analyzes them again. Nothing is changed if a change would be
    /// another one now.
    private func fixFindings(_ id: Int64, _ shown: [ShownFix]) throws -> Outcome {
        let files = SchemaFiles(exportDirectory: context.exportDirectory)
        let fixes = try SchemaFixes(try analysis(of: files), shown: shown)
        try fixes.write(files)
        let answer = "\(counted(fixes.count, "statement")) changed"
        note(id, answer)
        context.log(.info, "operator", "\(answer) for \(shown.map { "\($0.finding)" }.listed(max: 5))")
        var outcome = try analyzeSchema(id)
        outcome.answer = "\(answer), \(outcome.answer) left"
        return outcome
    }

    /// Returns the product and the release of the target. Without a connection to the target it is
    /// YugabyteDB, because the rules for YugabyteDB are stricter.
    private func targetOfAnalysis() throws -> AnalysisTarget {
        guard context.has(.target) else { return .latestYugabyteDB }
        return try context.side(.target).analysisTarget()
    }

    private func importSchema(_ id: Int64, _ options: ImportSchemaOptions) throws -> Outcome {
        let result = try context.side(.target).importSchema(
            from: SchemaFiles(exportDirectory: context.exportDirectory),
            SchemaImportOptions(options),
            line: { note(id, $0) })
        var answer = "\(result.created) objects imported"
        if result.noted > 0 { answer += ", \(result.noted) statements were applied before" }
        if result.leftOut > 0 { answer += ", \(result.leftOut) refused attributes left out" }
        if result.differing > 0 { answer += ", \(result.differing) exist and differ" }
        if result.existed > 0 { answer += ", \(result.existed) were there" }
        if result.refreshed > 0 { answer += ", \(result.refreshed) materialized views refreshed" }
        if !result.failures.isEmpty { answer += ", \(result.failures.count) failed: see schema/failed.sql" }
        let findings = try context.journal.document([NotCarried].self, key: NotCarried.key) ?? []
        for finding in findings where !finding.kind.isOfRows { note(id, finding.line) }
        PlanReader(context: context).keepStart()
        return Outcome(answer: answer)
    }
}

extension SchemaImportOptions {
    /// The options of a request.
    init(_ options: ImportSchemaOptions) {
        self.init(
            postSnapshotImport: options.postSnapshotImport, ignoreExist: options.ignoreExist,
            continueOnError: options.continueOnError,
            leaveOutRefusedAttributes: options.leaveOutRefusedAttributes ?? false,
            startClean: options.startClean ?? false,
            refreshMaterializedViews: options.refreshMaterializedViews, types: options.types)
    }
}
