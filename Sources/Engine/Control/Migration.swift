import Foundation
import Journal
import Records
import Synchronization

/// A migration in its export directory: the `MigrationControl` of the program.
package final class Migration: MigrationControl {
    package let exportDirectory: String
    let journal: Journal
    private let records: RecordStore
    let gateFiles = GateFileReader()
    private let offers = DocumentCache<OfferedTables>(key: OfferedTables.key)
    let keptAlertCache = DocumentCache<KeptAlerts>(key: KeptAlerts.key)
    let schemaReviewCache = SchemaReviewCache()
    /// The seat of this process as a console; nil for a verb.
    let consoleSeat = Mutex<ConsoleSeat?>(nil)

    /// Opens the export directory of a migration that has begun; throws if `metainfo/meta.db` is missing.
    package init(existing exportDirectory: String) throws {
        self.exportDirectory = exportDirectory
        journal = try Journal(exportDirectory: exportDirectory, create: false)
        records = RecordStore(journal, exportDirectory: exportDirectory)
        _ = try record()
    }

    /// Opens the export directory for reading alone; the journal of another version is refused.
    init(reading exportDirectory: String) throws {
        self.exportDirectory = exportDirectory
        journal = try Journal(reading: exportDirectory)
        records = RecordStore(journal, exportDirectory: exportDirectory)
        _ = try record()
    }

    /// Takes a journal that is open.
    init(_ journal: Journal, exportDirectory: String) {
        self.exportDirectory = exportDirectory
        self.journal = journal
        records = RecordStore(journal, exportDirectory: exportDirectory)
    }

    /// Opens the export directory, and creates the folders and the journal that are missing. The directory
    /// itself must exist.
    package init(creating exportDirectory: String) throws {
        self.exportDirectory = exportDirectory
        var isDirectory: ObjCBool = false
        // Sound: the flag outlives the call.
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
        records = RecordStore(journal, exportDirectory: exportDirectory)
        try update { _ in }
    }

    func record() throws -> MigrationRecord { try records.record() }

    @discardableResult
    func update<R>(_ body: (inout MigrationRecord) throws -> R) throws -> R {
        try records.update { record, _ in try body(&record) }
    }

    /// Changes the record and writes the events about it in one transaction.
    func updateWithEvents<R>(_ body: (inout MigrationRecord, JournalTransaction) throws -> R) throws -> R {
        try records.update(body)
    }

    /// The name that the operator types to confirm: that of the directory, or of its parent if it is called
    /// `export-dir`.
    var name: String {
        let url = URL(fileURLWithPath: exportDirectory).standardizedFileURL
        return url.lastPathComponent == "export-dir"
            ? url.deletingLastPathComponent().lastPathComponent : url.lastPathComponent
    }

    /// The side that the application is to write to; cheaper than `status`.
    package func route() throws -> ApplicationRoute { try record().route }

    package func events(after id: Int64, limit: Int) throws -> [LogEvent] {
        try journal.events(after: id, limit: limit).map {
            LogEvent(
                id: $0.id, at: $0.at, level: LogEvent.Level(rawValue: $0.level) ?? .info, origin: $0.origin,
                message: $0.message)
        }
    }

    package func databases() throws -> DatabaseForms { try record().forms }

    /// Checks that a connection leads to the database that this migration began with. Does nothing while none
    /// is known.
    ///
    /// - Parameter patiently: gets a sentence when a server is away and is waited for; if nil, the call fails
    ///   at once.
    package func checkIdentity(
        _ side: Side, _ database: (any Database)?, patiently: (@Sendable (String) -> Void)? = nil
    ) async throws {
        let record = try record()
        guard let database, (side == .source ? record.sourceIdentity : record.targetIdentity) != nil else {
            return
        }
        let options = side == .source ? RunOptions(source: database) : RunOptions(target: database)
        let context = RoleContext(
            journal: journal, exportDirectory: exportDirectory, options: options, stop: StopSignal(),
            announce: patiently ?? { _ in })
        if patiently != nil { try await awaitDatabase(side, context) }
        try await OnSessionThread().run { try context.checkIdentity(side) }
    }

    package func keep(_ forms: DatabaseForms) throws {
        try steer()
        try changeDatabases { $0 = forms }
    }

    /// Changes the connection forms as they are in the record now, so that two verbs that start together each
    /// keep their own side. Throws `RequestRefused` if the change is no longer possible.
    package func changeDatabases(_ change: (inout DatabaseForms) -> Void) throws {
        try update { record in
            var forms = record.forms
            change(&forms)
            switch record.phase {
            case .prepare, .schema: break
            case .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource, .complete, .ended:
                // Host and port may change during a live migration, at a failover. The database may not: the
                // next connection compares its identity.
                guard record.forms.schemas == forms.schemas else {
                    throw RequestRefused("the schemas cannot change once the live migration has begun")
                }
            }
            record.forms = forms
            record.sourceIsKnown = forms.source.isComplete
            record.targetIsKnown = forms.target.isComplete
        }
    }

    package func offeredTables() throws -> [OfferedTable]? {
        let found = try offers.document(in: journal)
        return found?.schemas == (try record().schemas) ? found?.tables : nil
    }

    package func refusal(of request: Request) throws -> String? {
        if let refusal = MigrationMachine(try record()).refusal(of: request) { return refusal }
        return try refusalByFacts(of: request)
    }

    /// The refusal of a request that depends on more than the record.
    private func refusalByFacts(of request: Request) throws -> String? {
        switch request {
        case .initiateCutover(let options): try gateRefusal(of: options)
        case .acknowledge(let alert, _): try acknowledgementRefusal(of: alert)
        case .endSession(let end): end.refusal(seenWriters(try record(), at: secondsNow()))
        case .endMigration(let options): options.directoryProblem
        case .checkDatabases, .mendChecks, .exportSchema, .analyzeSchema, .decideFindings, .fixFindings,
            .importSchema, .chooseTables, .startLiveMigration, .pause,
            .resume, .setApplyMode, .setDiskLimits, .approveRelease, .abortCutover, .setErrorPolicy,
            .retryTable, .excludeTable, .acceptDifferences, .setVerification, .stopWorker:
            nil
        }
    }

    package func record(of request: Int64) throws -> RequestRecord? {
        try journal.request(request).map(RequestRecord.init(stored:))
    }

    package func openRecords() throws -> [RequestRecord] {
        try journal.openRequests().map(RequestRecord.init(stored:))
    }

    package func newestRecord(titled title: String) throws -> RequestRecord? {
        try journal.newestRequest(title: title).map(RequestRecord.init(stored:))
    }

    package func leave(_ request: Request, by: String, seen plan: PlanHash?) throws -> Int64 {
        let now = secondsNow()
        // Who waives a gate is known here.
        let request = request.signed(by: by, at: now)
        let json = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
        if let refusal = try refusal(of: request) { throw RequestRefused(refusal) }
        let seen = try plan.map { plan in
            let present = SeenPlan(try self.plan(for: request))
            guard present.hash == plan else {
                throw RequestRefused(
                    "the plan is \(present.hash) now and was \(plan) when it was shown: look at it again")
            }
            return present
        }
        // One transaction: of two consoles only one begins a cutover, and no crash separates a change from
        // its audit row.
        return try records.update { record, transaction in
            if let refusal = MigrationMachine(record).refusal(of: request) { throw RequestRefused(refusal) }
            try steer(&record, transaction)
            // The schema's decisions are in a file of their own, whose writers this transaction keeps apart.
            let answer = try record.settle(request, by: by, now: now) ?? decided(request)
            // A request that is settled must not wait: a worker would take it, and refuse it as settled
            // before.
            let id = try transaction.insertRequest(
                title: request.title, json: json, by: by, at: now,
                state: (answer == nil ? RequestRecord.State.waiting : .done).rawValue, answer: answer ?? "",
                endedAt: answer.map { _ in now })
            if let seen, !seen.lines.isEmpty {
                let key = SeenPlan.Owner(of: request, id, record).key
                try transaction.update(SeenPlan?.self, key: key, initial: nil) { $0 = seen }
            }
            try transaction.log(
                .info, "operator",
                "\(request.title), by \(by)" + (seen.map { ", plan \($0.hash)" } ?? ""))
            for waiver in request.waivers {
                try transaction.log(.warning, "operator", "gate waived: \(waiver.words)")
            }
            return id
        }
    }

    /// Inserts a request that this process performs. It is running from the first, so that no worker takes
    /// it, too.
    func insertRunning(_ request: Request, by: String) throws -> Int64 {
        let json = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
        return try records.update { record, transaction in
            if let refusal = MigrationMachine(record).refusal(of: request) { throw RequestRefused(refusal) }
            return try transaction.insertRequest(
                title: request.title, json: json, by: by, at: secondsNow(),
                state: RequestRecord.State.running.rawValue)
        }
    }

    package func workerIsAlive() -> Bool {
        reapWorkers()
        let capture = RoleLock.holder(exportDirectory, .capture)
        return capture != nil && capture == RoleLock.holder(exportDirectory, .apply)
    }

    package func startWorker(sourcePassword: String?, targetPassword: String?) throws -> Int32 {
        try steer()
        return try spawnWorker(
            exportDirectory: exportDirectory, sourcePassword: sourcePassword, targetPassword: targetPassword)
    }
}

extension RequestRecord {
    /// The findings of a request, as they are in the journal.
    struct Findings: Codable {
        var checks: [CheckResult]?
        var issues: [SchemaIssue]?
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
