import Postgres
import Records

/// Which writer a stage has, on which connections.
struct WriterChoice {
    let context: RoleContext
    let leg: Leg
    let uuid: String
    let ledger: IncidentLedger
    let lanes: OpenLanes
    let destinations: [QualifiedName: DestinationTable]
    let slowLookups: SlowLookupWatch
    /// Their updates are written as deletes and inserts.
    let splitTables: Set<QualifiedName>
    /// The transaction whose constraints a careful stage does not put off until its commit.
    let checkedAtOnce: LSN?

    /// - Parameter connection: the one by which the lanes were read.
    func writer(
        of stage: ApplyStage, _ connection: consuming PostgresConnection
    ) throws -> any TransactionWriter {
        let sieve = lanes.needsSieve ? ChangeSieve(lanes) : nil
        switch stage.kind {
        case .changes:
            let setAside = try connection.setAsideCount(migration: uuid, leg: leg.number)
            return CarefulWriter(
                try changeApplier(connection), sieve: sieve, ledger: ledger, setAside: setAside,
                checkedAtOnce: checkedAtOnce)
        case .rows: return RowWriter(try changeApplier(connection), sieve: sieve)
        case .lanes where lanes.plan.channels.count > 1: return try laneWriter(connection)
        case .levelling, .lanes:
            return WindowWriter(
                try WindowApplier(
                    connection: connection, uuid: uuid, channels: lanes.active, splitTables: splitTables),
                destinations: destinations, sieve: sieve)
        }
    }

    private func changeApplier(_ connection: consuming PostgresConnection) throws -> ChangeApplier {
        try ChangeApplier(
            connection: connection, uuid: uuid, channels: lanes.active, destinations: destinations,
            slowLookups: slowLookups)
    }

    /// A connection for each lane; the first one is there.
    private func laneWriter(_ connection: consuming PostgresConnection) throws -> LaneWriter {
        let settings = connection.settings
        var appliers = [try laneApplier(0, connection)]
        for slot in lanes.plan.channels.indices.dropFirst() {
            let connection = try context.connectWriter(
                leg.direction.destination, as: "apply", like: settings)
            try connection.becomeReplica()
            try connection.acknowledgeAsSet()
            appliers.append(try laneApplier(slot, connection))
        }
        return LaneWriter(appliers, plan: lanes.plan, destinations: destinations)
    }

    private func laneApplier(_ slot: Int, _ connection: consuming PostgresConnection) throws -> WindowApplier
    {
        try connection.execute("set lock_timeout = '\(LaneWriter.lockSeconds)s'", doing: "ready a lane")
        return try WindowApplier(
            connection: connection, uuid: uuid, channels: [lanes.positions[slot]], splitTables: splitTables)
    }
}
