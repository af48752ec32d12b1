import Engine
import Records

// Values for the pages that show long work, sessions and consoles.
extension FakeMigration {
    /// A session that writes to a migrated table of the source, and a prepared transaction.
    package static func writers(now: Double) -> SeenWriters {
        SeenWriters(
            [
                OpenWriter(
                    processID: "4711", user: "shop", application: "batch", ageSeconds: 35,
                    tables: "public.item", state: "idle in transaction", since: now - 35,
                    sessionStart: "1699990000.123456"),
                OpenWriter(
                    processID: "0", user: "shop", application: "prepared transaction night-1",
                    ageSeconds: 7200, tables: "public.customer", state: "prepared", since: now - 7200),
            ], on: .source, readAt: now - 1)
    }

    /// Two consoles, of which one has the wheel, and a verb that has sent a request.
    package static func wheel(now: Double, isMine: Bool) -> WheelStatus {
        func console(_ user: String, _ number: Int) -> ConsoleIdentity {
            ConsoleIdentity(
                token: "c\(number)", user: user, host: "bastion", terminal: "pts/\(number)",
                processID: 5000 + Int32(number), since: now - 600 + Double(number))
        }
        let consoles = [console("ada", 1), console("ben", 2)]
        return WheelStatus(
            holder: consoles[isMine ? 1 : 0], takenAt: now - 300, isMine: isMine, consoles: consoles,
            lastVerb: WheelStatus.VerbRequest(by: "cron@bastion pause", title: "pause", at: now - 120))
    }

    /// Work of every kind but the snapshot's, which a migration in that phase tells by itself.
    package static func work(now: Double) -> [WorkProgress] {
        [
            WorkProgress(
                .schemaImport, on: .target, .objects, done: 41, of: 96, detail: "INDEX public.item_place",
                startedAt: now - 82, updatedAt: now - 1),
            WorkProgress(
                .indexBuild, on: .target, .blocks, done: 120_000, of: 480_000,
                detail: "item_place: building index: scanning table", startedAt: now - 60,
                updatedAt: now - 0.5),
            WorkProgress(
                .constraintValidation, on: .target, .constraints, done: 2, of: 5,
                detail: "foreign key item_customer of public.item", startedAt: now - 30, updatedAt: now - 3),
            WorkProgress(
                .verification, on: .target, .rows, done: 3_000_000, of: 9_000_000,
                detail: "table 2 of 3, public.item", startedAt: now - 20, updatedAt: now - 1),
        ]
    }

    /// Returns that migration in a cutover to the target that compares the tables, 30 seconds after its
    /// fence.
    package static func cuttingOver(now: Double = 1_700_000_000) -> FakeMigration {
        var migration = streaming(now: now)
        let options = CutoverOptions(to: .target)
        var cutover = Cutover(
            token: "c0ffee00", options: options, requestedAt: now - 40, requestedBy: "ada@bastion console")
        for step in CutoverStep.steps(options) {
            let index = CutoverStep.steps(options).firstIndex(of: step) ?? 0
            let at = now - 36 + 3 * Double(index)
            cutover.begin(step, waitSecondsMax: step == .drain ? 900 : nil, now: at)
            if step == .checksumDestination { break }
            cutover.set(step, .done, now: at + 2)
            if step == .fence { cutover.fencedAt = at + 1 }
        }
        migration.status.phase = .cutoverToTarget
        migration.status.route = .neither
        migration.status.cutovers = [cutover.status]
        migration.status.work = work(now: now).filter { $0.kind == .verification }
        migration.status.addStepProgress()
        migration.status.writers = writers(now: now)
        migration.status.wheel = wheel(now: now, isMine: true)
        return migration
    }
}
