import Engine
import Records

/// A memory server as the database that a leg reads.
struct MemoryOrigin: MemoryWork, Origin {
    let server: MemoryServer
    let leg: Leg
    let context: RoleContext

    var side: Side { leg.direction.origin }

    // MARK: The stream

    func logState() throws -> OriginLogState {
        try checkIdentity()
        return OriginLogState(slot: try slotState(as: "capture"), place: server.place)
    }

    func slotState(as name: String) throws -> SlotState? {
        server.with { state in
            state.slots[leg.slotName].map { SlotState(isActive: $0.isActive, walStatus: "reserved") }
        }
    }

    func openStream() throws -> any OriginStream { MemoryStream(server, leg) }

    func monitor(as name: String) -> any OriginMonitorSession { MemoryMonitorSession(server, leg) }

    func writeLastBarrier(_ content: String) throws { try writeBarrier(content) }

    func startSnapshot() throws -> any SnapshotStartSession {
        try checkIdentity()
        return MemorySnapshotStart(self)
    }

    // MARK: The cutover

    func openWriters(of tables: [QualifiedName]) throws -> [OpenWriter] { server.with { $0.openWriters } }

    func writerSampler(as name: String) -> any WriterSampler { MemoryWriterSampler(server) }

    func writeBarrier(_ content: String) throws { try server.with { try $0.append([.message(content)]) } }

    func startedAt() throws -> String? { nil }

    func prepareToBeWritten() throws -> String {
        try createMetadata()
        return "the metadata is there"
    }

    func retire() throws {
        try undo { $0 == .slot(name: leg.slotName) || $0 == .publication(name: leg.publicationName) }
    }

    // MARK: The fall-back

    func prepare(_ tables: [QualifiedName], judge: (StreamableTables) throws -> Void) throws
        -> PreparationAttempt
    {
        try judge(StreamableTables(tables: server.allTables, lacks: []))
        let writers = server.with { $0.openWriters }
        guard writers.isEmpty else { return .waitsForWriters(writers) }
        return .done(consistentPoint: try keepChanges(of: tables, for: leg), barriersAreRows: false)
    }

    func undoPreparation() throws { try retire() }
}

extension MemoryWork {
    func setUpFence(
        _ form: CutoverFence, of tables: [QualifiedName], disconnecting disconnects: Bool,
        stands: (_ at: Double) throws -> Void
    ) throws -> StepAttempt {
        if form != .nothing {
            try DatabaseChanges(context).note(side, .readOnlyFence, undo: "take writes")
            server.with { $0.isFenced = true }
        }
        try stands(secondsNow())
        return .done("the server takes no writes")
    }

    func removeFence() throws { try undo(\.isFence) }

    func suspendEffects(on tables: [QualifiedName]) throws -> StepAttempt {
        .done("a memory server has no triggers and no foreign keys")
    }

    func restoreEffects() throws -> StepAttempt { try suspendEffects(on: []) }

    func sequences(
        ofTables tables: [QualifiedName], reading choose: ([SequenceDefinition]) -> [SequenceDefinition]
    ) throws -> FoundSequences {
        let known = server.with { $0.sequences }
        let definitions = known.keys.sorted().map { SequenceDefinition(name: $0) }
        return FoundSequences(
            definitions: definitions,
            values: choose(definitions).map {
                SequenceValue(name: $0.name, lastValue: known[$0.name] ?? 1, isCalled: true, definition: $0)
            })
    }
}
