import Engine
import Journal
import Records

/// A memory server as the database that a leg writes.
struct MemoryDestination: MemoryWork, Destination {
    let server: MemoryServer
    let leg: Leg
    let context: RoleContext

    var side: Side { leg.direction.destination }

    func connectToApply() throws -> any DestinationSession {
        try checkIdentity()
        try createMetadata()
        return MemoryApplySession(self, uuid: try context.record().uuid)
    }

    func monitor(as name: String) -> any DestinationReader { MemoryDestinationReader(server: server) }

    func channels(as name: String, durableIf isEnough: ([Channel]) throws -> Bool) throws -> [Channel] {
        let channels = try server.channels(of: context.record().uuid)
        // Everything that is committed in memory lasts as long as the server.
        _ = try isEnough(channels)
        return channels
    }

    func makeCommitsDurable() throws {}

    func startFilling() throws -> any FillStartSession {
        try checkIdentity()
        return MemoryFillStart(self)
    }

    func snapshotWriter() throws -> any SnapshotWriter {
        MemorySnapshotWriter(server, uuid: try context.record().uuid)
    }

    func setSequences(_ values: [SequenceValue]) throws -> Int {
        server.with { state in
            for value in values { state.sequences[value.name] = value.lastValue }
            return values.count
        }
    }
}

extension MemoryServer {
    func channels(of migration: String) throws -> [Channel] {
        try with { state in
            guard let metadata = state.migrations[migration] else {
                throw MemoryError.refused("the channels of this migration are gone")
            }
            return metadata.channels.values.sorted { $0.number < $1.number }
        }
    }
}

/// What a memory server says about its tables.
final class MemoryDestinationReader: DestinationReader {
    private let server: MemoryServer

    init(server: MemoryServer) { self.server = server }

    func shapes() throws -> [QualifiedName: TableShape] {
        let names = Set(server.allTables.map(\.name))
        return Dictionary(uniqueKeysWithValues: server.shapes(of: names).map { ($0.name, $0) })
    }

    func tablesOfOneKey() throws -> Set<QualifiedName> { Set(server.allTables.map(\.name)) }
}

/// The session over which changes are applied to a memory server.
final class MemoryApplySession: DestinationSession {
    private let destination: MemoryDestination
    private let uuid: String
    private let reader: MemoryDestinationReader

    init(_ destination: MemoryDestination, uuid: String) {
        self.destination = destination
        self.uuid = uuid
        reader = MemoryDestinationReader(server: destination.server)
    }

    var place: String { destination.server.place }

    func shapes() throws -> [QualifiedName: TableShape] { try reader.shapes() }
    func tablesOfOneKey() throws -> Set<QualifiedName> { try reader.tablesOfOneKey() }
    func tables() throws -> [Table] { destination.server.allTables }
    func typeText(of column: AnnouncedTable.Column) throws -> String { "text" }
    func lockedChannels() throws -> [Channel] { try destination.server.channels(of: uuid) }
    func stashedChanges(limit: Int) throws -> [StashedChange] { [] }
    func markCarried(_ changes: [StashedChange]) throws {}
    func acknowledgeAsSet() throws {}

    func appliedCounts() throws -> [QualifiedName: ChangeCounts] {
        destination.server.with { $0.migrations[uuid]?.counts ?? [:] }
    }

    func replaceChannels(_ going: [ChannelPosition], with coming: [ChannelPosition]) throws {
        let isReplaced = destination.server.with { state in
            state.migrations[uuid]?.replace(going, with: coming) ?? false
        }
        guard isReplaced else { throw ApplyInterruption.watermarkMoved }
    }

    func writer(
        of stage: ApplyStage, _ channels: OpenChannels, splitting splitTables: Set<QualifiedName>,
        checkingAtOnce checkedAtOnce: LogPosition?, ledger: IncidentLedger, slowLookups: SlowLookupMonitor
    ) throws -> any TransactionWriter {
        MemoryWriter(destination.server, uuid: uuid, channels)
    }
}

extension MemoryMetadata {
    /// Replaces channels, if those that go are where they are expected. Returns whether they were.
    mutating func replace(_ going: [ChannelPosition], with coming: [ChannelPosition]) -> Bool {
        guard going.allSatisfy({ channels[$0.number]?.appliedLSN == $0.lsn }) else { return false }
        let counts = going.compactMap { channels.removeValue(forKey: $0.number)?.counts }.reduce(.zero, +)
        for (index, channel) in coming.enumerated() {
            channels[channel.number] = Channel(
                number: channel.number, appliedLSN: channel.lsn, counts: index == 0 ? counts : .zero)
        }
        return true
    }

    /// Moves channels to a position and counts what was applied, if they are where they are expected.
    mutating func move(
        _ moving: [ChannelPosition], to position: LogPosition, counting new: [QualifiedName: ChangeCounts]
    ) -> Bool {
        guard moving.allSatisfy({ channels[$0.number]?.appliedLSN == $0.lsn }) else { return false }
        for (table, count) in new { counts[table, default: .zero] += count }
        for (index, channel) in moving.enumerated() {
            let before = channels[channel.number]?.counts ?? .zero
            channels[channel.number] = Channel(
                number: channel.number, appliedLSN: position,
                counts: index == 0 ? new.values.reduce(before, +) : before)
        }
        return true
    }
}
