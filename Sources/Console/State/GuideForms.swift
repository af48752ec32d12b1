import Engine
import Records

/// The entries of the schema guide's choice, in its order.
package enum SchemaChoice: Int, CaseIterable, Sendable {
    case export
    case analyze
    case importSchema
    case next

    var label: String {
        switch self {
        case .export: "1. export the source's schema"
        case .analyze: "2. analyze the exported schema"
        case .importSchema: "3. import it into the target"
        case .next: "4. continue to live migration"
        }
    }
}

/// The entries of the choice in the guide "Live migration", in its order.
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

extension Guide {
    /// A guide with its first answers.
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

    private static func schemaForm(_ data: ConsoleData) -> Form {
        var form = Form(
            fields: [
                Field(
                    "step", "What to do", .choice(SchemaChoice.allCases.map(\.label), 0),
                    help: "Left and Right choose. The usual order is 1 to 4."),
                Field(
                    "clean", "Start clean", .toggle(false), onlyFor: [SchemaChoice.export.rawValue],
                    help: "Removes the schema files of an earlier export, including your edits."),
                Field(
                    "exist", "Ignore objects that exist", .toggle(false),
                    onlyFor: [SchemaChoice.importSchema.rawValue],
                    help: "Skips an object that the target already has."),
                Field(
                    "continue", "Continue on error", .toggle(false),
                    onlyFor: [SchemaChoice.importSchema.rawValue],
                    help: "Continues after a failed statement and lists the failed ones at the end."),
            ], button: "Check it", focusOnButton: true)
        let done = GuideKind.schema.titles.map { data.newest[$0]?.state == .done }
        form.choose(entry: done.firstIndex(of: false) ?? SchemaChoice.next.rawValue)
        return form
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
                    help: "Tables and chunks of tables copied at the same time, 1 to \(jobsMax)."),
                Field(
                    "exist", "Ignore objects that exist", .toggle(false), onlyFor: indexes,
                    help: "Skips an object that the target already has."),
                Field(
                    "continue", "Continue on error", .toggle(false), onlyFor: indexes,
                    help: "Continues after a failed statement and lists the failed ones at the end."),
                Field(
                    "views", "Refresh materialized views", .toggle(false), onlyFor: indexes,
                    help: "Refreshes the materialized views of the target."),
                Field(
                    "parallel", "In parallel channels", .toggle(mode != .transactional), onlyFor: modes,
                    help: "Faster. When off, the destination always matches a commit of the origin."),
                Field(
                    "channels", "Channels", .text(TextField(String(channels))), onlyFor: modes,
                    help: "Connections that apply at once, 1 to \(ApplyMode.channelsMax)."),
                Field(
                    "free", "Least free disk", .text(TextField(DiskLimits.text(limits.freeBytesMin))),
                    onlyFor: disk,
                    help: "Capture pauses when the export directory's disk has less free space."),
                Field(
                    "queue", "Largest queue",
                    .text(TextField(limits.queueBytesMax.map(DiskLimits.text) ?? "0")),
                    onlyFor: disk,
                    help: "Capture pauses when more changes are not applied yet; 0 means no limit."),
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
                        "Streams the target's changes back to the source afterwards, so that you can go back."
                )
            )
        }
        fields += [
            Field(
                "verify", "Compare every table before the release", .toggle(true),
                help: "Compares row counts and checksums of both sides; a difference stops the cutover."),
            Field(
                "approval", "Await approval before the release", .toggle(false),
                help: "Waits for the key R when everything else is done. The application also waits."),
            Field(
                "disconnect", "Disconnect remaining sessions", .toggle(false),
                help:
                    "Ends sessions on the \(side.other.rawValue) that were open before it became read-only."
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
                    help: "A directory that exists; needed if any of the four is on."),
            ], button: "Check it")
    }
}
