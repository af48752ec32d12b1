import Postgres
import Records

/// What streams back from the destination of a leg after the release: publication and slot there, and on the origin the
/// metadata by which it is written to.
struct FallBackPreparation {
    let context: RoleContext
    let side: Side
    let leg: Leg
    let open: OpenCutover

    /// The server makes a slot when the transactions that write now have ended; between two tries a cutover that is taken
    /// back, or a stop, is seen.
    private static let slotWaitSeconds = 5

    private static let step = "way back"

    /// YugabyteDB keeps what a slot needs that nobody reads for as long as its tablets are of interest, four hours where nothing
    /// else was set (cdcsdk_tablet_not_of_interest_timeout_secs), and does not tell of one that is lost.
    private static let slotAgeSecondsMax = 2.0 * 3600

    /// Publication and slot on the destination, before any application writes there: whatever it writes is streamed back.
    /// Nil while the slot waits for transactions of the destination to end.
    func make(startedAt: Double) throws -> String? {
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
        try DatabaseChanges(context).note(side, what: publication(of: next), undo: dropPublication)
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
        try DatabaseChanges(context).note(side, what: slot(of: next), undo: dropSlotSQL(next.slotName))
        guard let slot = try makeSlot(next, isYugabyteDB ? "yboutput" : "pgoutput", connection, stream) else {
            try noteWriters(connection, startedAt: startedAt)
            return nil
        }
        try open.change {
            $0.originRows["wayBack"] = Int64(bitPattern: slot.consistentPoint.bytes)
            $0.fallBackHasBarrierRows = hasBarrierRows
        }
        return "slot \(next.slotName) at \(slot.consistentPoint)"
    }

    /// Nil where transactions that write hold it up.
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

    /// Says what the slot waits for; throws where that has been too long.
    private func noteWriters(_ connection: borrowing PostgresConnection, startedAt: Double) throws {
        let writers = try connection.openWriters()
        let names = writers.isEmpty ? "of another database" : OpenWriter.names(writers)
        guard secondsNow() - startedAt < context.options.limits.quiesceSeconds else {
            throw RequestRefused(
                "the slot of the way back waits for write transactions on the \(side.rawValue) to end: \(names); end them and "
                    + "initiate the cutover again")
        }
        try open.note(.fallBackSlot, "waiting for write transactions: \(names)")
    }

    /// Throws where the slot was lost since, while the cutover was held say: what the application would write from the release on
    /// could not be streamed back.
    func checkSlot() throws {
        let next = try nextLeg()
        let connection = try context.connect(side, as: "cutover")
        let slot = try connection.slotState(next.slotName)
        let loss = lostSlotRefusal(
            slot, name: next.slotName, place: connection.place,
            lost: "the changes that the application would write there")
        if loss == nil, slot?.ageSeconds ?? 0 > Self.slotAgeSecondsMax {
            throw RequestRefused(
                "the slot of the way back, \(next.slotName) at \(connection.place), has stood unread for so long that YugabyteDB may "
                    + "have given up what it needs; initiate the cutover again")
        }
        guard loss != nil else { return }
        throw RequestRefused(
            "the slot of the way back, \(next.slotName) at \(connection.place), was lost while the cutover was under way; initiate it "
                + "again")
    }

    func undo() throws {
        let next = try nextLeg()
        let connection = try context.connectAlone(side, step: Self.step)
        try DatabaseChanges(context).undo(side, on: connection) {
            $0.what == slot(of: next) || $0.what == publication(of: next)
        }
    }

    /// On the origin: the metadata tables, and a look whether the role may write there.
    func prepareOrigin() throws -> String {
        let connection = try context.connectAlone(side, step: "way back metadata")
        try connection.becomeReplica()
        try context.ensureMetadata(side, connection)
        return "the role may write without firing triggers"
    }

    private func nextLeg() throws -> Leg {
        Leg(number: leg.number + 1, direction: .reverse, uuid: try context.record().uuid)
    }

    private func publication(of leg: Leg) -> String { "publication \(leg.publicationName)" }

    private func slot(of leg: Leg) -> String { "replication slot \(leg.slotName)" }
}
