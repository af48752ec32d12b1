import Engine
import Records

/// What the entries of the schema guide's choice mean, in its order.
package enum SchemaChoice: Int, CaseIterable, Sendable {
    case export
    case analyze
    case importSchema
    case goOn

    var label: String {
        switch self {
        case .export: "1. export the schema from the source"
        case .analyze: "2. analyse the exported schema"
        case .importSchema: "3. import the schema to the target"
        case .goOn: "4. go on to live migration"
        }
    }
}

/// The same for the guide of the live migration.
package enum LiveChoice: Int, CaseIterable, Sendable {
    case start
    case indexes
    case pause
    case resume
    case applyMode
    case diskLimits
    case stopWorker

    var label: String {
        switch self {
        case .start: "take the snapshot, then stream"
        case .indexes: "import indexes and triggers"
        case .pause: "pause"
        case .resume: "resume"
        case .applyMode: "choose how changes are applied"
        case .diskLimits: "limit the use of the disk"
        case .stopWorker: "stop the worker"
        }
    }
}

/// COPY jobs unless the operator says otherwise; what `--parallel-jobs` has as its default.
private let jobsByDefault = 4
private let jobsMax = 64

extension Guide {
    /// A guide as it is before the operator touched it.
    package init(fresh kind: GuideKind, data: ConsoleData) {
        switch kind {
        case .prepare:
            self.init(kind: kind, form: Guide.connectionForm(data.forms ?? .empty, data: data))
        case .schema: self.init(kind: kind, form: Guide.schemaForm(data))
        case .liveMigration: self.init(kind: kind, form: Guide.liveForm(data))
        case .cutoverToTarget: self.init(kind: kind, form: Guide.cutoverForm(to: .target))
        case .cutoverToSource: self.init(kind: kind, form: Guide.cutoverForm(to: .source))
        case .end: self.init(kind: kind, form: Guide.endForm())
        }
    }

    /// The request the answers make up; nil where an answer is missing or the choice is no request.
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
            case .goOn, nil: return nil
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
                    verify: form.isOn("verify"), requiresApproval: form.isOn("hold"),
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

    /// What is wrong with the answers, nil where they can be checked by the engine.
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
                        "Channels is a number from 1 to \(ApplyMode.channelsMax), "
                            + "such as \(ApplyMode.channelsDefault)."
                }
                return nil
            }
            if LiveChoice(rawValue: form.choice) == .diskLimits {
                guard let limits = Guide.diskLimits(from: form) else {
                    return "Both are sizes, such as 512MB or 50GB; 0 is no bound."
                }
                return limits.problem.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
            }
            guard LiveChoice(rawValue: form.choice) == .start else { return nil }
            guard let jobs = Int(form.text("jobs")), (1...jobsMax).contains(jobs) else {
                return "Jobs is a number from 1 to \(jobsMax), such as \(jobsByDefault)."
            }
            return nil
        case .end:
            let isBackedUp = ["schema", "data", "reports", "logs"].contains { form.isOn($0) }
            return isBackedUp && form.text("directory").isEmpty
                ? "A backup directory is needed where anything is to be kept." : nil
        case .schema, .cutoverToTarget, .cutoverToSource: return nil
        }
    }

    private static func schemaForm(_ data: ConsoleData) -> Form {
        var form = Form(
            fields: [
                Field(
                    "step", "What to do", .choice(SchemaChoice.allCases.map(\.label), 0),
                    help: "Left and Right choose. The usual way is 1 to 4 in this order."),
                Field(
                    "clean", "Start clean", .toggle(false), onlyFor: [SchemaChoice.export.rawValue],
                    help: "Removes the schema files of an earlier export, with what was edited in them."),
                Field(
                    "exist", "Ignore objects that exist", .toggle(false),
                    onlyFor: [SchemaChoice.importSchema.rawValue],
                    help: "Leaves an object alone where the target has it already."),
                Field(
                    "continue", "Continue on error", .toggle(false),
                    onlyFor: [SchemaChoice.importSchema.rawValue],
                    help: "Goes on after a failed statement; the failed ones are listed at the end."),
            ], button: "Check it", focusOnButton: true)
        let done = GuideKind.schema.titles.map { data.newest[$0]?.state == .done }
        form.choose(entry: done.firstIndex(of: false) ?? SchemaChoice.goOn.rawValue)
        return form
    }

    /// Nil where one of the two is no size.
    private static func diskLimits(from form: Form) -> DiskLimits? {
        guard let free = DiskLimits.bytes(form.text("free")), let queue = DiskLimits.bytes(form.text("queue"))
        else { return nil }
        return DiskLimits(freeBytesMin: free, queueBytesMax: queue == 0 ? nil : queue)
    }

    private static func liveForm(_ data: ConsoleData) -> Form {
        let indexes: Set = [LiveChoice.indexes.rawValue]
        let modes: Set = [LiveChoice.applyMode.rawValue]
        let disk: Set = [LiveChoice.diskLimits.rawValue]
        let limits = data.status?.diskLimits ?? DiskLimits()
        let mode = data.status?.applyMode ?? .transactional
        let channels = mode == .transactional ? ApplyMode.channelsDefault : mode.channels
        var form = Form(
            fields: [
                Field(
                    "step", "What to do", .choice(LiveChoice.allCases.map(\.label), 0),
                    help: "Left and Right choose."),
                Field(
                    "jobs", "Jobs", .text(TextField(String(jobsByDefault))),
                    onlyFor: [LiveChoice.start.rawValue],
                    help: "Tables and parts of tables copied at the same time, 1 to \(jobsMax)."),
                Field(
                    "exist", "Ignore objects that exist", .toggle(false), onlyFor: indexes,
                    help: "Leaves an object alone where the target has it already."),
                Field(
                    "continue", "Continue on error", .toggle(false), onlyFor: indexes,
                    help: "Goes on after a failed statement; the failed ones are listed at the end."),
                Field(
                    "views", "Refresh materialized views", .toggle(false), onlyFor: indexes,
                    help: "Fills the materialized views from the tables on the target."),
                Field(
                    "parallel", "In parallel channels", .toggle(mode != .transactional), onlyFor: modes,
                    help: "Faster. Off, the written side is always at a commit of the other."),
                Field(
                    "channels", "Channels", .text(TextField(String(channels))), onlyFor: modes,
                    help: "Connections that apply at once, 1 to \(ApplyMode.channelsMax)."),
                Field(
                    "free", "Least free disk", .text(TextField(DiskLimits.text(limits.freeBytesMin))),
                    onlyFor: disk,
                    help: "With less free where the export directory is, the capture pauses."),
                Field(
                    "queue", "Largest queue",
                    .text(TextField(limits.queueBytesMax.map(DiskLimits.text) ?? "0")),
                    onlyFor: disk,
                    help: "With more changes not applied yet, the capture pauses; 0 is no bound."),
            ], button: "Check it", focusOnButton: true)
        switch data.status?.phase {
        case .streaming:
            form.choose(entry: (data.status?.isPaused ?? false ? LiveChoice.resume : .indexes).rawValue)
        case .snapshot where data.status?.isPaused ?? false: form.choose(entry: LiveChoice.resume.rawValue)
        case .prepare, .schema, .snapshot, .cutoverToTarget, .fallBack, .cutoverToSource, .complete, .ended,
            nil:
            break
        }
        return form
    }

    private static func cutoverForm(to side: Side) -> Form {
        var fields: [Field] = []
        if side == .target {
            fields.append(
                Field(
                    "fallback", "Prepare for fall-back", .toggle(true),
                    help:
                        "Streams the target's changes back to the source afterwards, so that you can return.")
            )
        }
        fields += [
            Field(
                "verify", "Compare every table before the release", .toggle(true),
                help: "Row counts and checksums on both sides; a difference stops the cutover."),
            Field(
                "hold", "Hold before the release", .toggle(false),
                help: "Waits for the key R when everything else is done. The application waits as long."),
            Field(
                "disconnect", "Disconnect sessions still there", .toggle(false),
                help:
                    "Ends the sessions on the \(side.other.rawValue) that were there before it became read-only."
            ),
        ]
        return Form(fields: fields, button: "Check the gates", focusOnButton: true)
    }

    private static func endForm() -> Form {
        Form(
            fields: [
                Field("schema", "Back up the schema files", .toggle(true)),
                Field("data", "Back up the data files", .toggle(true)),
                Field("reports", "Save the migration reports", .toggle(true)),
                Field("logs", "Back up the log files", .toggle(true)),
                Field(
                    "directory", "Backup directory", .text(TextField()),
                    help: "A directory that exists; needed where any of the four is to be kept."),
            ], button: "Check it")
    }
}
