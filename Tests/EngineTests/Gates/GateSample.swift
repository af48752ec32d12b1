import Records

@testable import Engine

/// Facts in which every gate is green, and a fault for each gate.
struct GateSample {
    static let item = QualifiedName(schema: "public", name: "item")
    static let now = 1_700_000_000.0

    var facts: GateFacts

    init(_ options: CutoverOptions = CutoverOptions(to: .target), objects: [CatalogObject] = Self.objects) {
        facts = GateFacts(options: options, now: Self.now)
        facts.tables = [Self.item]
        let catalog = CatalogReadings(
            release: "PostgreSQL 15",
            shapes: [
                TableShape(
                    name: Self.item,
                    columns: [TableShape.Column(name: "id", typeOID: 23, typeText: "integer")])
            ],
            sequences: FoundSequences(definitions: [], values: []), objects: objects)
        facts.originCatalog = Self.reading(catalog)
        facts.destinationCatalog = Self.reading(catalog)
        var server = ServerReadings(release: "PostgreSQL 15")
        (server.freeSlots, server.freeSenders, server.isLogical) = (3, 3, true)
        server.rights = [.init(step: "sequences", right: "SELECT", isGranted: true, remedy: "grant it")]
        facts.origin = Self.reading(server)
        facts.destination = Self.reading(server)
        var capture = CaptureStatus(direction: options.ends, slotName: "s", now: Self.now)
        capture.state = RoleState(word: .streaming, since: Self.now)
        capture.walStatus = "reserved"
        capture.slotReadAt = Self.now - 2
        capture.diskFreeBytes = 100 << 30
        var apply = ApplyStatus(direction: options.ends, now: Self.now)
        apply.state = RoleState(word: .streaming, since: Self.now)
        facts.stream = StreamFacts(
            capture: capture, apply: apply, remainingEvents: 0, timeToCatchUp: .caughtUp)
    }

    static func reading<Facts>(_ facts: Facts) -> GateReading<Facts> {
        GateReading(leg: 1, facts: facts, readAt: now - 2, goodForSeconds: 15)
    }

    static func object(_ kind: CatalogObject.Kind, _ name: String, _ definition: String) -> CatalogObject {
        CatalogObject(
            kind: kind, table: item, name: name, definition: definition, statement: "make \(name)")
    }

    static let objects = [
        object(.index, "v_idx", "CREATE INDEX ON public.item USING btree (v)"),
        object(.constraint, "item_fk", "FOREIGN KEY (v) REFERENCES public.other(id)"),
        object(.notNull, "id", "NOT NULL"),
        object(.trigger, "audit", "CREATE TRIGGER audit AFTER INSERT ON public.item"),
        object(.view, "", "SELECT 1"),
        object(.defaultValue, "v", "'x'::text"),
    ]

    var gates: [Gate] { GateJudge(facts).gates }

    func gate(_ name: GateName) -> Gate? { gates.first { $0.name == name } }

    mutating func changeOrigin(_ body: (inout ServerReadings) -> Void) {
        if var known = facts.origin?.facts {
            body(&known)
            facts.origin?.facts = known
        }
    }

    mutating func changeDestination(_ body: (inout ServerReadings) -> Void) {
        if var known = facts.destination?.facts {
            body(&known)
            facts.destination?.facts = known
        }
    }

    mutating func changeObjects(_ body: (inout [CatalogObject]) -> Void) {
        if var known = facts.destinationCatalog?.facts {
            body(&known.objects)
            facts.destinationCatalog?.facts = known
        }
    }

    /// Changes the catalog of the destination so that an object of the kind is missing, differs, or is there
    /// once more.
    mutating func spoil(_ kind: CatalogObject.Kind, _ way: Int) {
        changeObjects { objects in
            guard let index = objects.firstIndex(where: { $0.kind == kind }) else { return }
            let old = objects[index]
            switch way % 3 {
            case 0: objects.remove(at: index)
            case 1:
                objects[index] = CatalogObject(
                    kind: kind, table: old.table, name: old.name, definition: old.definition + " other")
            default:
                objects.append(
                    CatalogObject(
                        kind: kind, table: old.table, name: old.name + "2", definition: old.definition + "2"))
            }
        }
    }
}
