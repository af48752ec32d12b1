import Engine
import Records

extension MemoryWork {
    func gates(as name: String) -> any GateSession { MemoryGateSession(self) }
}

/// What a memory server says about itself for the gates.
final class MemoryGateSession: GateSession {
    private let work: any MemoryWork

    init(_ work: any MemoryWork) { self.work = work }

    func server(_ question: GateQuestion) throws -> ServerReadings {
        var readings = ServerReadings(release: "memory")
        readings.writers = question.place == .origin ? work.server.with { $0.openWriters } : []
        guard let leg = question.fallBack else { return readings }
        let ours = Set(try work.context.record().changes.filter { $0.undoneAt == nil }.map(\.kind))
        let isThere = work.server.with { $0.slots[leg.slotName] != nil }
        if isThere, !ours.contains(.slot(name: leg.slotName)) {
            readings.foreign.append(.init(words: "slot \(leg.slotName)", remedy: "drop it"))
        }
        return readings
    }

    func catalog(
        ofTables tables: [QualifiedName], reading choose: ([SequenceDefinition]) -> [SequenceDefinition]
    ) throws -> CatalogReadings {
        let names = Set(tables)
        let columns = work.server.allTables.filter { names.contains($0.name) }.flatMap { table in
            table.columns.filter(\.isNotNull).map {
                CatalogObject(
                    kind: .notNull, table: table.name, name: $0.name.text, definition: "NOT NULL")
            }
        }
        return CatalogReadings(
            release: "memory", shapes: work.server.shapes(of: names),
            sequences: try work.sequences(ofTables: tables, reading: choose),
            objects: columns + work.server.with { $0.objects }.filter { names.contains($0.table) })
    }
}
