import Engine
import Records

/// Copy jobs by default, as for `--parallel-jobs`.
let jobsByDefault = 4
/// Highest number of copy jobs that a form accepts.
let jobsMax = 64

extension Guide {
    /// The request that the answers describe; nil if an answer is missing or the choice is not a request.
    package var request: Request? {
        switch kind {
        case .prepare: return .checkDatabases
        case .schema:
            switch SchemaChoice(rawValue: form.choice) {
            case .export: return .exportSchema(startClean: form.isOn("clean"))
            case .analyze: return .analyzeSchema
            case .importSchema:
                return .importSchema(
                    ImportSchemaOptions(
                        ignoreExist: form.isOn("exist"), continueOnError: form.isOn("continue")))
            case .next, nil: return nil
            }
        case .liveMigration:
            switch LiveChoice(rawValue: form.choice) {
            case .start: return Int(form.text("jobs")).map { .startLiveMigration(jobs: $0) }
            case .indexes:
                return .importSchema(
                    ImportSchemaOptions(
                        postSnapshotImport: true, ignoreExist: form.isOn("exist"),
                        continueOnError: form.isOn("continue"), refreshMaterializedViews: form.isOn("views")))
            case .pause: return .pause
            case .resume: return .resume
            case .applyMode:
                guard form.isOn("parallel") else { return .setApplyMode(.transactional) }
                return Int(form.text("channels")).map { .setApplyMode(.parallel(channels: $0)) }
            case .diskLimits: return Guide.diskLimits(from: form).map { .setDiskLimits($0) }
            case .stopWorker: return .stopWorker
            case nil: return nil
            }
        case .cutoverToTarget, .cutoverToSource:
            let side: Side = kind == .cutoverToSource ? .source : .target
            return .initiateCutover(
                CutoverOptions(
                    to: side, prepareForFallBack: side == .target && form.isOn("fallback"),
                    verify: form.isOn("verify"), requiresApproval: form.isOn("approval"),
                    disconnectSessions: form.isOn("disconnect")))
        case .end:
            let directory = form.text("directory")
            return .endMigration(
                EndOptions(
                    backupSchemaFiles: form.isOn("schema"), backupDataFiles: form.isOn("data"),
                    saveMigrationReports: form.isOn("reports"), backupLogFiles: form.isOn("logs"),
                    backupDirectory: directory.isEmpty ? nil : directory))
        }
    }

    /// What is wrong with the answers; nil if the engine can check them.
    package var answerProblem: String? {
        switch kind {
        case .prepare:
            switch Guide.databases(from: form) {
            case .failure(let problem): return problem.description
            case .success(let forms):
                if !forms.source.isComplete {
                    return "The source needs a host, a port, a database and a user."
                }
                if !forms.target.isComplete {
                    return "The target needs a host, a port, a database and a user."
                }
                return forms.schemas.isEmpty ? "At least one schema must be named, such as public." : nil
            }
        case .liveMigration:
            if LiveChoice(rawValue: form.choice) == .applyMode, form.isOn("parallel") {
                guard let channels = Int(form.text("channels")),
                    (1...ApplyMode.channelsMax).contains(channels)
                else {
                    return
                        "Channels must be a number from 1 to \(ApplyMode.channelsMax), such as "
                        + "\(ApplyMode.channelsDefault)."
                }
                return nil
            }
            if LiveChoice(rawValue: form.choice) == .diskLimits {
                guard let limits = Guide.diskLimits(from: form) else {
                    return "Both must be sizes, such as 512MB or 50GB; 0 means no limit."
                }
                return limits.problem.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
            }
            guard LiveChoice(rawValue: form.choice) == .start else { return nil }
            guard let jobs = Int(form.text("jobs")), (1...jobsMax).contains(jobs) else {
                return "Jobs must be a number from 1 to \(jobsMax), such as \(jobsByDefault)."
            }
            return nil
        case .end:
            let isBackedUp = ["schema", "data", "reports", "logs"].contains { form.isOn($0) }
            return isBackedUp && form.text("directory").isEmpty
                ? "A backup needs a backup directory." : nil
        case .schema, .cutoverToTarget, .cutoverToSource: return nil
        }
    }

    /// Returns the limits, nil if one of the two is not a size.
    private static func diskLimits(from form: Form) -> DiskLimits? {
        guard let free = DiskLimits.bytes(form.text("free")), let queue = DiskLimits.bytes(form.text("queue"))
        else { return nil }
        return DiskLimits(freeBytesMin: free, queueBytesMax: queue == 0 ? nil : queue)
    }
}
