import Engine
import Postgres
import Records

/// The choice of a stage's writer and its connections.
struct WriterChoice {
    let context: RoleContext
    let leg: Leg
    let uuid: String
    let ledger: IncidentLedger
    let channels: OpenChannels
    let destinations: [QualifiedName: DestinationTable]
    let slowLookups: SlowLookupMonitor
    /// The tables whose updates are written as deletes and inserts.
    let splitTables: Set<QualifiedName>
    /// The transaction whose constraints are checked at each change, in a stage of single changes.
    let checkedAtOnce: LSN?

    /// Returns the writer of a stage.
    ///
    /// - Parameter connection: the one over which the channels were read
    func writer(
        of stage: ApplyStage, _ connection: consuming PostgresConnection
    ) throws -> any TransactionWriter {
        let filter = channels.needsFilter ? ChangeFilter(channels) : nil
        switch stage.kind {
        case .changes:
            let stashed = try connection.stashedCount(migration: uuid, leg: leg.number)
            return ChangeByChangeWriter(
                try changeApplier(connection), filter: filter, ledger: ledger, stashed: stashed,
                checkedAtOnce: checkedAtOnce)
        case .rows: return RowWriter(try changeApplier(connection), filter: filter)
        case .parallel: return try parallelWriter(connection)
        case .levelling, .transactional:
            return WindowWriter(
                try WindowApplier(
                    connection: connection, uuid: uuid, channels: channels.active, splitTables: splitTables),
                destinations: destinations, filter: filter)
        }
    }

    private func changeApplier(_ connection: consuming PostgresConnection) throws -> ChangeApplier {
        try ChangeApplier(
            connection: connection, uuid: uuid, channels: channels.active, destinations: destinations,
            slowLookups: slowLookups)
    }

    /// Returns the writer in several channels, with a connection for each; the first one is there already.
    private func parallelWriter(_ connection: consuming PostgresConnection) throws -> ParallelWriter {
        let settings = connection.settings
        var appliers = [try channelApplier(0, connection)]
        for index in channels.plan.channels.indices.dropFirst() {
            let connection = try context.connectWriter(
                leg.direction.destination, as: "apply", like: settings)
            try context.becomeRowWriter(leg.direction.destination, connection)
            try connection.acknowledgeAsSet()
            appliers.append(try channelApplier(index, connection))
        }
        return ParallelWriter(appliers, plan: channels.plan, destinations: destinations)
    }

    private func channelApplier(_ index: Int, _ connection: consuming PostgresConnection) throws
        -> WindowApplier
    {
        try connection.execute(
            "set lock_timeout = '\(ParallelWriter.lockSeconds)s'", doing: "set the lock timeout of a channel")
        return try WindowApplier(
            connection: connection, uuid: uuid, channels: [channels.positions[index]],
            splitTables: splitTables)
    }
}
