import Postgres
import Records

/// The preparation of the fall-back before the release: publication and slot on the destination, and the
/// metadata tables on the origin.
struct FallBackPreparation {
    let context: RoleContext
    let side: Side
    let leg: Leg
    let open: OpenCutover

    /// Bound of one attempt to create the slot, which the server delays until the open write transactions
    /// have ended. Between two attempts an abort, or a stop, is noticed.
    private static let slotWaitSeconds = 5

    /// Names the sessions of the steps. An earlier attempt, also one of an earlier version, is found by it.
    private static let step = "way back"

    /// Greatest age of an unread slot on YugabyteDB at the release. The server keeps what an unread slot
    /// needs for four hours by default (cdcsdk_tablet_not_of_interest_timeout_secs), and does not report that
    /// a slot is lost.
    private static let slotAgeSecondsMax = 2.0 * 3600

    /// Creates publication and slot on the destination. No application writes there yet, so that every later
    /// write is streamed back. Returns nil while the slot waits for transactions of the destination to end.
    func createSlot(startedAt: Double) throws -> String? {
        let next = try nextLeg()
        let connection = try context.connectAlone(side, step: Self.step)
        let migrated = try ComparedTables.all(context).map(\.name)
        let isYugabyteDB = try connection.isYugabyteDB()
        let lacks = try identityLacks(connection, migrated)
        guard lacks.isEmpty else { throw RequestRefused(lacks, on: side) }
        try ComparedTables.refuseUnstreamedParts(context, side, connection)
        let hasBarrierRows = try !connection.carriesMessages()
        if hasBarrierRows { try context.ensureMetadataTables(side, connection) }
        let dropPublication = "drop publication if exists \(quoteIdentifier(next.publicationName))"
        try DatabaseChanges(context).note(
            side, .publication(name: next.publicationName), undo: dropPublication)
        let statement = publicationSQL(
            next.publicationName, migrated + (hasBarrierRows ? [Barrier.table] : []),
            serverVersion: connection.serverVersion)
        let doing = "create publication \(next.publicationName)"
        do {
            try OwnTransaction(context: context, side: side).run(connection, locking: migrated, doing: doing)
            {
                try connection.execute(dropPublication, doing: doing)
                try connection.execute(statement, doing: doing)
            }
        } catch let error as PostgresError where error.sqlState == "55P03" {
            try open.noteLock(
                .fallBackSlot, error, startedAt: startedAt, secondsMax: context.options.limits.quiesceSeconds)
            return nil
        }
        let stream = try ReplicationStream(
            try context.access(side),
            applicationName: "\(PostgresConnection.applicationPrefix) \(try context.sessionName(Self.step))")
        try DatabaseChanges(context).note(side, .slot(name: next.slotName), undo: dropSlotSQL(next.slotName))
        guard let slot = try makeSlot(next, isYugabyteDB ? "yboutput" : "pgoutput", connection, stream) else {
            try noteWriters(connection, startedAt: startedAt)
            return nil
        }
        try open.change {
            $0.fallBackConsistentPoint = slot.consistentPoint
            $0.fallBackHasBarrierRows = hasBarrierRows
        }
        return "slot \(next.slotName) at \(slot.consistentPoint)"
    }

    /// Creates the slot; returns nil if open write transactions delay it for too long.
    private func makeSlot(
        _ next: Leg, _ plugin: String, _ connection: borrowing PostgresConnection,
        _ stream: borrowing ReplicationStream
    ) throws -> CreatedSlot? {
        do {
            return try SlotCreation.replacing(next.slotName, connection, stream) {
                try stream.createSlot(
                    next.slotName, plugin: plugin, exportsSnapshot: false, waitSeconds: Self.slotWaitSeconds)
            }
        } catch let error as PostgresError {
            guard error.sqlState == "55P03" else { throw error }
            return nil
        }
    }

    /// Notes whom the slot waits for; throws after `quiesceSeconds`.
    private func noteWriters(_ connection: borrowing PostgresConnection, startedAt: Double) throws {
        let writers = try connection.openWriters()
        let names = writers.isEmpty ? "of another database" : OpenWriter.names(writers)
        guard secondsNow() - startedAt < context.options.limits.quiesceSeconds else {
            throw RequestRefused(
                "the fall-back's slot waits for write transactions on the \(side.rawValue) to end: \(names); "
                    + "end them and initiate the cutover again")
        }
        try open.note(.fallBackSlot, "waiting for write transactions: \(names)")
    }

    /// Throws if the slot was lost after its creation, for example while the cutover awaited approval. The
    /// application's writes after the release could then not be streamed back.
    func checkSlot() throws {
        let next = try nextLeg()
        let connection = try context.connect(side, as: "cutover")
        let slot = try connection.slotState(next.slotName)
        let loss = lostSlotRefusal(
            slot, name: next.slotName, at: connection.place,
            lost: "the changes that the application would write there")
        if loss == nil, slot?.ageSeconds ?? 0 > Self.slotAgeSecondsMax {
            throw RequestRefused(
                "the fall-back's slot, \(next.slotName) at \(connection.place), was unread for so long that "
                    + "YugabyteDB may have discarded what it needs; initiate the cutover again")
        }
        guard loss != nil else { return }
        throw RequestRefused(
            "the fall-back's slot, \(next.slotName) at \(connection.place), was lost while the cutover was "
                + "under way; initiate it again")
    }

    func undo() throws {
        let next = try nextLeg()
        let connection = try context.connectAlone(side, step: Self.step)
        try DatabaseChanges(context).undo(side, on: connection) {
            $0 == .slot(name: next.slotName) || $0 == .publication(name: next.publicationName)
        }
    }

    /// Creates the metadata tables on the origin, and checks that the role may write there.
    func prepareOrigin() throws -> String {
        let connection = try context.connectAlone(side, step: "way back metadata")
        try connection.becomeReplica()
        try context.ensureMetadata(side, connection)
        return "the role may write without firing triggers"
    }

    private func nextLeg() throws -> Leg {
        Leg(
            number: leg.number + 1, direction: leg.direction.opposite, start: .position,
            uuid: try context.record().uuid)
    }
}
