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
            let outcome = try await OnSessionThread().run { try work(id, request) }
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

    private func work(_ id: Int64, _ request: Request) throws -> Outcome {
        switch request {
        case .checkDatabases: return try checkDatabases(id)
        case .mendChecks(let names): return try mendChecks(id, names)
        case .exportSchema(let startClean): return try exportSchema(id, startClean)
        case .analyzeSchema: return try analyzeSchema(id)
        case .importSchema(let options): return try importSchema(id, options)
        case .endMigration(let options):
            try EndMigration(context: context, options: options, line: { note(id, $0) }).perform()
            return Outcome(answer: "Ended migration successfully")
        case .endSession(let end): return try endSession(id, end)
        case .chooseTables, .startLiveMigration, .pause, .resume, .setApplyMode, .setDiskLimits,
            .initiateCutover,
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
        let answer =
            failures == 0
            ? "\(checks.count) checks, nothing in the way" : "\(failures) of \(checks.count) checks failed"
        return Outcome(answer: answer, checks: checks)
    }

    /// Checks again, and performs the SQL of the named checks that still find something.
    private func mendChecks(_ id: Int64, _ names: [CheckName]) throws -> Outcome {
        let by = try context.journal.request(id)?.askedBy ?? "nobody"
        var performed: [PerformedFix] = []
        for side in Side.allCases where context.has(side) && names.contains(where: { $0.side == side }) {
            note(id, "checking the \(side.rawValue)")
            let checks = try context.side(side).checks(forFallBack: true)
            for check in checks where names.contains(CheckName(side: side, name: check.name)) {
                guard let fix = check.fix else { continue }
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
        let analysis = try Schema.analyzeSchema(
            files: files, target: try options.target ?? targetOfAnalysis())
        let heading = ReportHeading(
            program: options.program, database: try context.record().forms.source.database,
            databaseVersion: try files.dumpedVersion(), at: secondsNow())
        for path in try writeReport(analysis, heading: heading, formats: options.formats, files: files) {
            note(id, "-- find schema analysis report at: \(path)")
        }
        return Outcome(
            answer: counted(analysis.findings.count, "finding"), issues: analysis.issues)
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
            SchemaImportOptions(
                postSnapshotImport: options.postSnapshotImport, ignoreExist: options.ignoreExist,
                continueOnError: options.continueOnError,
                refreshMaterializedViews: options.refreshMaterializedViews, types: options.types),
            line: { note(id, $0) })
        var answer = "\(result.created) objects imported"
        if result.existed > 0 { answer += ", \(result.existed) were there" }
        if result.refreshed > 0 { answer += ", \(result.refreshed) materialized views refreshed" }
        if !result.failures.isEmpty { answer += ", \(result.failures.count) failed: see schema/failed.sql" }
        let findings = try context.journal.document([NotCarried].self, key: NotCarried.key) ?? []
        for finding in findings where !finding.kind.isOfRows { note(id, finding.line) }
        return Outcome(answer: answer)
    }
}
