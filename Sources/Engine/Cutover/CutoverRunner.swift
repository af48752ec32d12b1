import Foundation
import Journal
import Postgres
import Records

/// Does one role's steps of a cutover, and undoes them when it is taken back.
///
/// It has a thread and a connection of its own, so that a long step never holds the stream. What it needs of the other
/// role it reads in the journal, and every step may be done again after a crash.
actor CutoverRunner {
    private nonisolated let thread: SessionThread
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor holds its executor.
        unsafe thread.asUnownedSerialExecutor()
    }

    private let context: RoleContext
    private let leg: Leg
    private let role: CutoverStep.Owner
    private var noted = ""

    private static let pollMilliseconds = 50

    init(context: RoleContext, leg: Leg, role: CutoverStep.Owner) {
        thread = SessionThread(name: "cutover")
        self.context = context
        self.leg = leg
        self.role = role
    }

    private var side: Side { role == .capture ? leg.direction.origin : leg.direction.destination }

    /// Watches for cutovers of this leg until the leg has ended or a stop is asked for.
    func run() async throws {
        var backoff = Backoff()
        while true {
            if context.stop.isRequested { throw CancellationError() }
            let record = try context.record()
            if record.hasEnded(leg) { return }
            guard let cutover = record.openCutover, cutover.options.ends == leg.direction else {
                try await Task.sleep(for: .milliseconds(Self.pollMilliseconds * 2))
                continue
            }
            do {
                let acted = cutover.isAborting ? try undoNext(cutover) : try doNext(cutover)
                backoff.reset()
                if !acted { try await Task.sleep(for: .milliseconds(Self.pollMilliseconds)) }
            } catch is CancellationError {
                throw CancellationError()
            } catch is CancelledStep {
                // Somebody takes the cutover back and has said why.
            } catch  where isConnectionLoss(error) {
                context.log(.warning, "cutover", "\(error); the step is done again")
                try await Task.sleep(for: .milliseconds(backoff.next()))
            } catch {
                if cutover.isAborting { throw error }
                try abort("\(error)")
            }
        }
    }

    /// Does the next step where it is this role's; true when it did.
    private func doNext(_ cutover: Cutover) throws -> Bool {
        guard let next = cutover.nextStep, next.step.owner == role else { return false }
        if let refusal = try context.record().tablesRefusal { throw RequestRefused(refusal) }
        if next.state == .pending {
            try change { $0.set(next.step, .running, now: secondsNow()) }
            context.log(.info, "cutover", next.step.title(leg.direction))
        }
        if let detail = try perform(next.step, cutover, startedAt: next.startedAt ?? secondsNow()) {
            try change { $0.set(next.step, .done, detail: detail, now: secondsNow()) }
            return true
        }
        return false
    }

    /// Changes the open cutover, unless it is being taken back meanwhile.
    private func change(_ body: (inout Cutover) throws -> Void) throws {
        try context.update { record in
            guard let index = record.cutovers.indices.last, record.cutovers[index].isOpen,
                !record.cutovers[index].isAborting
            else { return }
            try body(&record.cutovers[index])
        }
    }

    private func note(_ step: CutoverStep, _ detail: String) throws {
        guard detail != noted else { return }
        noted = detail
        try change { $0.set(step, .running, detail: detail, now: secondsNow()) }
    }

    private func abort(_ reason: String) throws {
        try context.update { record in
            guard let index = record.cutovers.indices.last, record.cutovers[index].isOpen,
                record.cutovers[index].abortReason == nil
            else { return }
            record.cutovers[index].abortReason = reason
            if let step = record.cutovers[index].nextStep?.step {
                record.cutovers[index].set(step, .failed, detail: reason, now: secondsNow())
            }
        }
        context.log(.error, "cutover", "stopped, and taken back harmlessly: \(reason)")
        context.announce("the cutover was stopped, and is taken back harmlessly: \(reason)")
    }

    /// Performs a step; its result in words when it is done, nil while it waits.
    private func perform(_ step: CutoverStep, _ cutover: Cutover, startedAt: Double) throws -> String? {
        switch step {
        case .fence: return try putUpFence(cutover)
        case .quiesce: return try quiesce(startedAt)
        case .barrier: return try passBarrier("first", step, cutover, startedAt)
        case .drain: return try drain(cutover, startedAt)
        case .readSequences: return try readSequences()
        case .setSequences: return try setSequences(cutover)
        case .checksumOrigin: return try checksumOrigin()
        case .checksumDestination: return try checksumDestination(cutover)
        case .wayBack: return try makeWayBack()
        case .prepareOrigin: return try prepareOrigin()
        case .quietProof: return try proveQuiet(cutover, startedAt)
        case .openDestination: return try takeDownFence(of: side)
        case .hold:
            return try context.record().openCutover?.isApproved == true ? "approved" : nil
        case .release: return try release(cutover)
        }
    }

    // MARK: Origin

    private func putUpFence(_ cutover: Cutover) throws -> String {
        let connection = try context.connect(side, as: "cutover")
        let detail = try Fence.putUp(on: connection, side, context)
        // The server's clock decides which sessions began before.
        let now = try connection.query(
            "select extract(epoch from clock_timestamp())::text", doing: "read the clock")
        let fencedAt = now.scalar.flatMap { Double($0) } ?? secondsNow()
        try change { $0.fencedAt = fencedAt }
        guard cutover.options.disconnectSessions else { return detail }
        return detail + "; \(try connection.disconnectSessions(before: fencedAt)) sessions disconnected"
    }

    private func quiesce(_ startedAt: Double) throws -> String? {
        let connection = try context.connect(side, as: "cutover")
        let writers = try connection.openWriters()
        if writers.isEmpty { return "no open write transaction" }
        let names = writers.prefix(5).map {
            "\($0.processID) \($0.user) \($0.application) (\($0.ageSeconds) s)"
        }
        .joined(separator: ", ")
        guard secondsNow() - startedAt < context.options.limits.quiesceSeconds else {
            throw RequestRefused(
                "\(side.rawValue) is not quiet: \(writers.count) sessions hold open write transactions: \(names); end them and "
                    + "initiate the cutover again")
        }
        try note(.quiesce, "waiting for \(writers.count): \(names)")
        return nil
    }

    /// Writes a barrier, once a second until it came back through the stream.
    private func passBarrier(_ name: String, _ step: CutoverStep, _ cutover: Cutover, _ startedAt: Double)
        throws
        -> String?
    {
        if let barrier = cutover.barriers[name] { return "barrier at \(barrier.lsn)" }
        guard secondsNow() - startedAt < context.options.limits.barrierSeconds else {
            throw RequestRefused(
                "the barrier did not come through the stream within \(Int(context.options.limits.barrierSeconds)) s; look at the capture in the "
                    + "event log, then initiate the cutover again")
        }
        let connection = try context.connect(side, as: "cutover")
        try connection.query(
            "select pg_catalog.pg_logical_emit_message(true, $1, $2)",
            [Barrier.prefix, Barrier.content(token: cutover.token, name: name)], doing: "write the barrier")
        for _ in 0..<20 {
            usleep(50_000)
            if let barrier = try context.record().openCutover?.barriers[name] {
                return "barrier at \(barrier.lsn)"
            }
        }
        return nil
    }

    private func readSequences() throws -> String {
        let connection = try context.connect(side, as: "cutover")
        let values = try connection.sequences(inSchemas: try context.record().schemas)
        let json = String(decoding: try JSONEncoder().encode(values), as: UTF8.self)
        try change { $0.sequencesJSON = json }
        return "\(values.count) sequences"
    }

    private func checksumOrigin() throws -> String {
        let connection = try context.connect(side, as: "cutover")
        // Their columns may be others than when the migration began; the other side is asked for the same.
        let names = Set(try comparedTables().map(\.name))
        let tables = try connection.tables(inSchemas: try context.record().schemas).filter {
            names.contains($0.name)
        }
        let missing = names.subtracting(tables.map(\.name)).map(\.description).sorted()
        guard missing.isEmpty else {
            throw RequestRefused("\(side.rawValue) no longer has \(missing.joined(separator: ", "))")
        }
        try context.journal.update([Table].self, key: Self.comparedKey, initial: tables) { $0 = tables }
        let sums = try TableChecksums.read(connection, tables: tables) {
            try self.checkAbort()
        }
        try change { $0.checksums = sums }
        return "\(sums.count) tables"
    }

    private func checkAbort() throws {
        if context.stop.isRequested { throw CancellationError() }
        let isAborting = try context.record().openCutover?.isAborting ?? true
        if isAborting { throw CancelledStep() }
    }

    private func prepareOrigin() throws -> String {
        let connection = try context.connect(side, as: "cutover")
        try connection.ensureMetadata(migration: try context.record().uuid)
        try connection.becomeReplica()
        return "the role may write without firing triggers"
    }

    private func proveQuiet(_ cutover: Cutover, _ startedAt: Double) throws -> String? {
        let connection = try context.connect(side, as: "cutover")
        let writers = try connection.openWriters()
        guard writers.isEmpty else {
            throw RequestRefused(
                "\(side.rawValue) is not quiet: \(writers.count) sessions write to it again; stop them first")
        }
        guard try passBarrier("quiet", .quietProof, cutover, startedAt) != nil,
            let barriers = try context.record().openCutover?.barriers, let first = barriers["first"],
            let quiet = barriers["quiet"]
        else { return nil }
        guard quiet.transactions == first.transactions else {
            throw RequestRefused(
                "\(side.rawValue) is not quiet: \(quiet.transactions - first.transactions) transactions wrote to it between the "
                    + "barriers at \(first.lsn) and \(quiet.lsn); stop the application, then initiate the cutover again"
            )
        }
        return "nothing between \(first.lsn) and \(quiet.lsn)"
    }

    // MARK: Destination

    private func drain(_ cutover: Cutover, _ startedAt: Double) throws -> String? {
        guard let barrier = cutover.barriers["first"] else { return nil }
        let connection = try context.connect(side, as: "cutover")
        let record = try context.record()
        let watermark = try LaneBook(context: context, leg: leg, uuid: record.uuid).watermark(
            connection, without: record.excluded)
        if watermark.appliedLSN >= barrier.lsn { return "applied through \(watermark.appliedLSN)" }
        guard secondsNow() - startedAt < context.options.limits.drainSeconds else {
            throw RequestRefused(
                "\(side.rawValue) is at \(watermark.appliedLSN) and did not reach the barrier at \(barrier.lsn) within "
                    + "\(Int(context.options.limits.drainSeconds)) s; let it catch up, then initiate the cutover again"
            )
        }
        try note(.drain, "at \(watermark.appliedLSN) of \(barrier.lsn)")
        return nil
    }

    private func setSequences(_ cutover: Cutover) throws -> String {
        let connection = try context.connect(side, as: "cutover")
        let values = try JSONDecoder().decode(
            [SequenceValue].self, from: Data((cutover.sequencesJSON ?? "[]").utf8))
        var missing: [String] = []
        for value in values where try !connection.setSequence(value) {
            missing.append(value.name.description)
        }
        if !missing.isEmpty {
            context.log(
                .warning, "cutover",
                "sequences that \(side.rawValue) does not have were not set: \(missing.joined(separator: ", "))"
            )
        }
        return "\(values.count - missing.count) set" + (missing.isEmpty ? "" : ", \(missing.count) not there")
    }

    private func checksumDestination(_ cutover: Cutover) throws -> String {
        let connection = try context.connect(side, as: "cutover")
        let tables = try context.journal.document([Table].self, key: Self.comparedKey) ?? []
        let sums = try TableChecksums.read(connection, tables: tables) { try self.checkAbort() }
        let differences = TableChecksums.differences(cutover.checksums, sums)
        guard differences.isEmpty else {
            throw RequestRefused(
                "\(differences.count) tables differ between source and target: "
                    + differences.prefix(10).joined(separator: ", "))
        }
        let rows = sums.values.compactMap { $0.split(separator: ":").first.flatMap { Int64($0) } }.reduce(
            0, +)
        let excluded = try context.record().excluded.map(\.table).sorted()
        return "\(sums.count) tables equal, \(rows) rows"
            + (excluded.isEmpty ? "" : "; left out by the operator: \(excluded.joined(separator: ", "))")
    }

    /// The tables with the columns that are compared, as the origin has them.
    private static let comparedKey = "compared_tables"

    /// All tables but those the operator has left out.
    private func comparedTables() throws -> [Table] {
        let record = try context.record()
        return try context.journal.tables().map(\.table).filter { !record.isExcluded($0.name.description) }
    }

    /// Publication and slot on the destination, before any application writes there: whatever it writes is streamed back.
    private func makeWayBack() throws -> String {
        let record = try context.record()
        let next = Leg(number: leg.number + 1, direction: .reverse, uuid: record.uuid)
        let connection = try context.connect(side, as: "cutover")
        let tables = try comparedTables().map(\.name)
        let dropPublication = "drop publication if exists \(quoteIdentifier(next.publicationName))"
        try DatabaseChanges(context).note(
            side, what: "publication \(next.publicationName)", undo: dropPublication)
        try connection.execute(dropPublication, doing: "make the publication anew")
        try connection.execute(
            publicationSQL(next.publicationName, tables, serverVersion: connection.serverVersion),
            doing: "create publication \(next.publicationName)")
        let stream = try ReplicationStream(
            try context.access(side), applicationName: "\(PostgresConnection.applicationPrefix) slot")
        // One left by a step that was cut off: nobody has read from it.
        if try connection.slotState(next.slotName) != nil { try stream.dropSlot(next.slotName) }
        let isYugabyteDB = try connection.isYugabyteDB()
        try DatabaseChanges(context).note(
            side, what: "replication slot \(next.slotName)", undo: dropSlotSQL(next.slotName))
        let slot = try stream.createSlot(
            next.slotName, plugin: isYugabyteDB ? "yboutput" : "pgoutput", exportsSnapshot: false)
        try change { $0.originRows["wayBack"] = Int64(bitPattern: slot.consistentPoint.bytes) }
        return "slot \(next.slotName) at \(slot.consistentPoint)"
    }

    private func takeDownFence(of side: Side) throws -> String {
        let connection = try context.connect(side, as: "cutover")
        try DatabaseChanges(context).undo(side, on: connection) { $0.what == Fence.what }
        return "\(side.rawValue) takes writes"
    }

    /// The point of no return, one transaction of the journal: the phase, the route and the next leg change together.
    private func release(_ cutover: Cutover) throws -> String? {
        try context.update { record in
            guard let index = record.cutovers.indices.last, record.cutovers[index].isOpen,
                !record.cutovers[index].isAborting
            else { return }
            let now = secondsNow()
            record.cutovers[index].set(.release, .done, detail: "application released", now: now)
            record.cutovers[index].releasedAt = now
            record.phase = MigrationMachine.phase(after: cutover.options)
            if let current = record.legs.firstIndex(where: { $0.number == leg.number }) {
                record.legs[current].endedAt = now
            }
            if record.phase == .fallBack {
                var next = Leg(number: leg.number + 1, direction: .reverse, uuid: record.uuid)
                next.consistentPoint = record.cutovers[index].originRows["wayBack"].map {
                    LSN(bytes: UInt64(bitPattern: $0))
                }
                record.fallBackEnabled = true
                record.legs.append(next)
            }
        }
        context.log(
            .info, "cutover",
            "cutover to \(cutover.options.to.rawValue) completed; the application is released")
        context.announce("cutover to \(cutover.options.to.rawValue) completed")
        return nil
    }

    // MARK: The way back out of a cutover

    private func undoNext(_ cutover: Cutover) throws -> Bool {
        guard let last = cutover.nextUndo else {
            try context.update { record in
                guard let index = record.cutovers.indices.last, record.cutovers[index].isAborting else {
                    return
                }
                record.cutovers[index].abortedAt = secondsNow()
                record.phase = MigrationMachine.phase(abortedTo: cutover.options.to)
            }
            context.log(
                .warning, "cutover", "taken back; the changes stream on: \(cutover.abortReason ?? "")")
            return true
        }
        guard last.step.owner == role else { return false }
        switch last.step {
        case .fence:
            let connection = try context.connect(side, as: "cutover")
            try DatabaseChanges(context).undo(side, on: connection) { $0.what == Fence.what }
        case .wayBack:
            let next = Leg(number: leg.number + 1, direction: .reverse, uuid: try context.record().uuid)
            let connection = try context.connect(side, as: "cutover")
            try DatabaseChanges(context).undo(side, on: connection) {
                $0.what == "replication slot \(next.slotName)"
                    || $0.what == "publication \(next.publicationName)"
            }
        case .openDestination:
            let connection = try context.connect(side, as: "cutover")
            _ = try Fence.putUp(on: connection, side, context)
        case .quiesce, .barrier, .drain, .readSequences, .setSequences, .checksumOrigin, .checksumDestination,
            .prepareOrigin, .quietProof, .hold, .release:
            // They read, or wrote what the next cutover writes again.
            break
        }
        try context.update { record in
            guard let index = record.cutovers.indices.last, record.cutovers[index].isAborting else { return }
            record.cutovers[index].set(last.step, .undone, now: secondsNow())
        }
        return true
    }
}

/// A long step that was left because the cutover is taken back.
private struct CancelledStep: Error, CustomStringConvertible {
    var description: String { "the step was left because the cutover is taken back" }
}
