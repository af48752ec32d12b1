import Postgres
import Records

/// Which writer a stage has, on which connections.
struct WriterChoice {
    let context: RoleContext
    let leg: Leg
    let uuid: String
    let ledger: IncidentLedger
    let channels: OpenChannels
    let destinations: [QualifiedName: DestinationTable]
    let slowLookups: SlowLookupWatch
    /// Their updates are written as deletes and inserts.
    let splitTables: Set<QualifiedName>
    /// The transaction whose constraints a careful stage does not put off until its commit.
    let checkedAtOnce: LSN?

    /// - Parameter connection: the one by which the channels were read.
    func writer(
        of stage: ApplyStage, _ connection: consuming PostgresConnection
    ) throws -> any TransactionWriter {
        let sieve = channels.needsSieve ? ChangeSieve(channels) : nil
        switch stage.kind {
        case .changes:
            let stashed = try connection.stashedCount(migration: uuid, leg: leg.number)
            return ChangeByChangeWriter(
                try changeApplier(connection), sieve: sieve, ledger: ledger, stashed: stashed,
                checkedAtOnce: checkedAtOnce)
        case .rows: return RowWriter(try changeApplier(connection), sieve: sieve)
        case .channels where channels.plan.channels.count > 1: return try parallelWriter(connection)
        case .levelling, .channels:
            return WindowWriter(
                try WindowApplier(
                    connection: connection, uuid: uuid, channels: channels.active, splitTables: splitTables),
                destinations: destinations, sieve: sieve)
        }
    }

    private func changeApplier(_ connection: consuming PostgresConnection) throws -> ChangeApplier {
        try ChangeApplier(
            connection: connection, uuid: uuid, channels: channels.active, destinations: destinations,
            slowLookups: slowLookups)
    }

    /// A connection for each channel; the first one is there.
    private func parallelWriter(_ connection: consuming PostgresConnection) throws -> ParallelWriter {
        let settings = connection.settings
        var appliers = [try channelApplier(0, connection)]
        for index in channels.plan.channels.indices.dropFirst() {
            let connection = try context.connectWriter(
                leg.direction.destination, as: "apply", like: settings)
            try connection.becomeReplica()
            try connection.acknowledgeAsSet()
            appliers.append(try channelApplier(index, connection))
        }
        return ParallelWriter(appliers, plan: channels.plan, destinations: destinations)
    }

    private func channelApplier(_ index: Int, _ connection: consuming PostgresConnection) throws -> WindowApplier
    {
        try connection.execute("set lock_timeout = '\(ParallelWriter.lockSeconds)s'", doing: "ready a channel")
        return try WindowApplier(
            connection: connection, uuid: uuid, channels: [channels.positions[index]], splitTables: splitTables)
    }
}
