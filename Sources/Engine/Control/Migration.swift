import Foundation
import Journal
import Postgres
import Records

/// The real `MigrationControl`: a migration as its export directory holds it.
package final class Migration: MigrationControl {
    package let exportDirectory: String
    let journal: Journal
    private let records = DocumentCache<MigrationRecord>(key: MigrationRecord.key)

    /// Opens the export directory of a migration that has begun; throws where `metainfo/meta.db` is not there.
    package init(existing exportDirectory: String) throws {
        self.exportDirectory = exportDirectory
        journal = try Journal(exportDirectory: exportDirectory, create: false)
        _ = try record()
    }

    /// Opens the export directory, making its folders and journal where they are missing. The directory must exist.
    package init(creating exportDirectory: String) throws {
        self.exportDirectory = exportDirectory
        var isDirectory: ObjCBool = false
        // The flag lives on this frame through the call.
        guard unsafe FileManager.default.fileExists(atPath: exportDirectory, isDirectory: &isDirectory),
            isDirectory.boolValue
        else {
            throw RequestRefused(
                "the export directory \(exportDirectory) does not exist; make it first (mkdir)")
        }
        for folder in ["schema", "data/queue", "reports", "metainfo", "temp", "logs"] {
            let path = exportDirectory + "/" + folder
            do {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            } catch {
                throw RequestRefused(
                    "cannot make \(path): \(error.localizedDescription); see who owns the export directory")
            }
        }
        journal = try Journal(exportDirectory: exportDirectory, create: true)
        try update { _ in }
    }

    func record() throws -> MigrationRecord {
        guard let record = try records.document(in: journal) else {
            throw JournalError.notStarted(directory: exportDirectory)
        }
        return record
    }

    @discardableResult
    func update<R>(_ body: (inout MigrationRecord) throws -> R) throws -> R {
        try journal.update(
            MigrationRecord.self, key: MigrationRecord.key,
            initial: MigrationRecord(uuid: UUID().uuidString.lowercased(), createdAt: secondsNow()), body)
    }

    /// What the operator types to confirm: the directory's name, its parent's where that only says `export-dir`.
    var name: String {
        let url = URL(fileURLWithPath: exportDirectory).standardizedFileURL
        return url.lastPathComponent == "export-dir"
            ? url.deletingLastPathComponent().lastPathComponent : url.lastPathComponent
    }

    /// Where the application is to write; cheaper than `status`.
    package func route() throws -> ApplicationRoute { try record().route }

    package func events(after id: Int64, limit: Int) throws -> [LogEvent] {
        try journal.events(after: id, limit: limit).map {
            LogEvent(
                id: $0.id, at: $0.at, level: LogEvent.Level(rawValue: $0.level) ?? .info, origin: $0.origin,
                message: $0.message)
        }
    }

    package func databases() throws -> DatabaseForms { try record().forms }

    /// Sees that the way to a database leads to the one this migration was begun with, before it is kept; says nothing
    /// where none is known yet.
    ///
    /// - Parameter patiently: gets a sentence, and a server that is away is waited for; nil where it fails at once.
    package func checkIdentity(
        _ side: Side, _ access: DatabaseAccess?, patiently: (@Sendable (String) -> Void)? = nil
    ) async throws {
        let record = try record()
        guard let access, (side == .source ? record.sourceIdentity : record.targetIdentity) != nil else {
            return
        }
        let options = side == .source ? RunOptions(source: access) : RunOptions(target: access)
        let context = RoleContext(
            journal: journal, exportDirectory: exportDirectory, options: options, stop: StopSignal(),
            announce: patiently ?? { _ in })
        if patiently != nil { try await awaitDatabase(side, context) }
        try await OnSessionThread().run {
            try context.checkIdentity(side, try context.connect(side, as: "check"))
        }
    }

    package func keep(_ forms: DatabaseForms) throws { try changeDatabases { $0 = forms } }

    /// Changes what is kept of the databases, from what is kept at that moment: two verbs that start together each keep
    /// their own side. Throws `RequestRefused` where the change cannot be made any more.
    package func changeDatabases(_ change: (inout DatabaseForms) -> Void) throws {
        try update { record in
            var forms = record.forms
            change(&forms)
            switch record.phase {
            case .prepare, .schema: break
            case .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource, .complete, .ended:
                // Host and port may change under a live migration (a failover); the database may not, which its
                // identity proves at the next connection.
                guard record.forms.schemas == forms.schemas else {
                    throw RequestRefused("the schemas cannot change once the live migration has begun")
                }
            }
            record.forms = forms
            record.sourceIsKnown = forms.source.isComplete
            record.targetIsKnown = forms.target.isComplete
        }
    }

    package func refusal(of request: Request) throws -> String? {
        MigrationMachine(try record()).refusal(of: request)
    }

    package func record(of request: Int64) throws -> RequestRecord? {
        try journal.request(request).map(RequestRecord.init(stored:))
    }

    package func newestRecord(titled title: String) throws -> RequestRecord? {
        try journal.newestRequest(title: title).map(RequestRecord.init(stored:))
    }

    package func leave(_ request: Request, by: String) throws -> Int64 {
        let now = secondsNow()
        // Checked and done under one lock, so that no two faces both begin a cutover.
        let answer = try update { record -> String? in
            if let refusal = MigrationMachine(record).refusal(of: request) { throw RequestRefused(refusal) }
            return Self.settle(request, in: &record, by: by, now: now)
        }
        let json = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
        // What is done already must never be seen waiting: a worker would take it, and refuse it as done before.
        let id = try journal.insertRequest(
            title: request.title, json: json, by: by, at: now,
            state: (answer == nil ? RequestRecord.State.waiting : .done).rawValue, answer: answer ?? "",
            endedAt: answer.map { _ in now })
        try journal.insertEvent(
            level: "info", origin: "operator", message: "\(request.title), by \(by)", at: now)
        return id
    }

    /// Requests that only change the record are done here; nil for those the worker has to work on.
    private static func settle(_ request: Request, in record: inout MigrationRecord, by: String, now: Double)
        -> String?
    {
        switch request {
        case .startLiveMigration(let jobs):
            begin(&record, jobs: jobs, now: now)
            return "the snapshot begins"
        case .pause:
            record.isPaused = true
            return "paused"
        case .resume:
            record.isPaused = false
            record.resumeCount += 1
            return "resumed"
        case .setApplyMode(let mode):
            record.applyMode = mode
            return "changes are applied \(mode)"
        case .setDiskLimits(let limits):
            record.diskLimits = limits
            return limits.words
        case .initiateCutover(let options):
            let token = UUID().uuidString.prefix(8).lowercased()
            record.cutovers.append(Cutover(token: token, options: options, requestedAt: now, requestedBy: by))
            record.phase = options.to == .target ? .cutoverToTarget : .cutoverToSource
            return "cutover initiated, wait for it to complete"
        case .approveRelease:
            if let index = record.cutovers.indices.last { record.cutovers[index].isApproved = true }
            return "approved"
        case .abortCutover:
            if let index = record.cutovers.indices.last {
                record.cutovers[index].abortReason = "aborted by \(by)"
            }
            return "the cutover is being taken back"
        case .retryTable(let table):
            record.changeSetAsideTable(table) { $0.isRetryAsked = true }
            record.resumeCount += 1
            return "\(table) is looked at again"
        case .excludeTable(let table):
            let hold = record.setAsideTable(table)
            record.excludedTables =
                record.excluded + [
                    ExcludedTable(
                        table: table, reason: hold?.reason ?? "new after the start", by: by, at: now)
                ]
            record.tablesSetAside?.removeAll { $0.table == table }
            return "\(table) is left out of the migration"
        case .setErrorPolicy(let rules):
            record.incidents = rules
            // An apply that stands before an incident tries again under the new policy.
            if rules.policy == .stash { record.resumeCount += 1 }
            return "changes that cannot be applied: \(rules.policy.rawValue)"
        case .checkDatabases, .exportSchema, .analyzeSchema, .importSchema, .endMigration, .stopWorker:
            return nil
        }
    }

    /// The step from the schema to the live migration.
    static func begin(_ record: inout MigrationRecord, jobs: Int, now: Double) {
        record.jobs = max(1, jobs)
        record.phase = .snapshot
        record.startedAt = record.startedAt ?? now
        if record.legs.isEmpty { record.legs = [Leg(number: 1, direction: .forward, uuid: record.uuid)] }
    }

    package func workerIsAlive() -> Bool {
        reapWorkers()
        let capture = RoleLock.holder(exportDirectory, .capture)
        return capture != nil && capture == RoleLock.holder(exportDirectory, .apply)
    }

    package func startWorker(sourcePassword: String?, targetPassword: String?) throws -> Int32 {
        try spawnWorker(
            exportDirectory: exportDirectory, sourcePassword: sourcePassword, targetPassword: targetPassword)
    }
}

extension RequestRecord {
    /// The findings of a request as the journal keeps them.
    struct Findings: Codable {
        var checks: [CheckResult]?
        var issues: [SchemaFinding]?
    }

    init(stored: StoredRequest) throws {
        let findings = try JSONDecoder().decode(Findings.self, from: Data(stored.findingsJSON.utf8))
        self.init(
            id: stored.id,
            request: try JSONDecoder().decode(Request.self, from: Data(stored.requestJSON.utf8)),
            by: stored.askedBy, askedAt: stored.askedAt, state: State(rawValue: stored.state) ?? .waiting,
            answer: stored.answer, lines: stored.lines, checks: findings.checks ?? [],
            issues: findings.issues ?? [])
    }
}
