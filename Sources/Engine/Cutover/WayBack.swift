import Postgres
import Records

/// What streams back from the destination of a leg after the release: publication and slot there, and on the origin the
/// metadata by which it is written to.
struct WayBack {
    let context: RoleContext
    let side: Side
    let leg: Leg
    let open: OpenCutover

    /// Publication and slot on the destination, before any application writes there: whatever it writes is streamed back.
    func make() throws -> String {
        let next = try nextLeg()
        let connection = try context.connect(side, as: "cutover")
        let tables = try ComparedTables.all(context).map(\.name)
        let dropPublication = "drop publication if exists \(quoteIdentifier(next.publicationName))"
        try DatabaseChanges(context).note(side, what: publication(of: next), undo: dropPublication)
        try connection.execute(dropPublication, doing: "make the publication anew")
        try connection.execute(
            publicationSQL(next.publicationName, tables, serverVersion: connection.serverVersion),
            doing: "create publication \(next.publicationName)")
        let stream = try ReplicationStream(
            try context.access(side), applicationName: "\(PostgresConnection.applicationPrefix) slot")
        // One left by a step that was cut off: nobody has read from it.
        if try connection.slotState(next.slotName) != nil { try stream.dropSlot(next.slotName) }
        let isYugabyteDB = try connection.isYugabyteDB()
        try DatabaseChanges(context).note(side, what: slot(of: next), undo: dropSlotSQL(next.slotName))
        let slot = try stream.createSlot(
            next.slotName, plugin: isYugabyteDB ? "yboutput" : "pgoutput", exportsSnapshot: false)
        try open.change { $0.originRows["wayBack"] = Int64(bitPattern: slot.consistentPoint.bytes) }
        return "slot \(next.slotName) at \(slot.consistentPoint)"
    }

    func undo() throws {
        let next = try nextLeg()
        let connection = try context.connect(side, as: "cutover")
        try DatabaseChanges(context).undo(side, on: connection) {
            $0.what == slot(of: next) || $0.what == publication(of: next)
        }
    }

    /// On the origin: the metadata tables, and a look whether the role may write there.
    func prepareOrigin() throws -> String {
        let connection = try context.connect(side, as: "cutover")
        try connection.ensureMetadata(migration: try context.record().uuid)
        try connection.becomeReplica()
        return "the role may write without firing triggers"
    }

    private func nextLeg() throws -> Leg {
        Leg(number: leg.number + 1, direction: .reverse, uuid: try context.record().uuid)
    }

    private func publication(of leg: Leg) -> String { "publication \(leg.publicationName)" }

    private func slot(of leg: Leg) -> String { "replication slot \(leg.slotName)" }
}
