import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

/// The stream of a publication that lists partitions, as it is changed to name their roots.
@Suite struct LeafRelationTests {
    private static let (root, one, two) = (name("part"), name("part_one"), name("Part Two"))

    private static func name(_ text: String) -> QualifiedName {
        QualifiedName(schema: "public", name: text)
    }

    private static let tables = [
        table("part", leaves: [one, two]), table("item"), table("other", leaves: [name("other_one")]),
        table("empty", leaves: []),
    ]

    private static func table(_ text: String, leaves: [QualifiedName]? = nil) -> Table {
        Table(
            name: name(text), columns: [], primaryKey: ["id"], replicaIdentity: .change,
            isPartitioned: leaves != nil, leaves: leaves)
    }

    private static let leaves = PublishedLeaves(of: tables, among: [root, name("item"), name("empty")])

    private func relation(_ id: UInt32, _ table: String, _ columns: [String] = ["id", "v"]) -> [UInt8] {
        StreamMessage.relation(
            id, "public", table, identity: "c", columns: columns.map { (name: $0, isKey: $0 == "id") })
    }

    private func replaced(
        _ message: [UInt8], by relations: inout LeafRelations,
        find: (QualifiedName) throws -> PublishedLeaves? = { _ in nil },
        now: () throws -> PublishedLeaves = { Self.leaves }
    ) throws -> ChangeMessage? {
        var result: [UInt8]?
        try lend(message) { result = try relations.replacement(of: $0, find: find, now: now) }
        return try result.map { bytes in try lend(bytes) { try ChangeMessage.decode($0) } }
    }

    @Test func `a publication lists the partitions of migrated roots, and other tables as they are`() {
        #expect(Self.leaves.roots == [Self.one: Self.root, Self.two: Self.root])
        #expect(
            PublishedLeaves.members(of: [Self.root, Self.name("item"), Self.name("empty")], Self.tables)
                == [Self.one, Self.two, Self.name("item")])
        #expect(
            publicationSQL("p", [Self.one, Self.name("item")], viaRoot: false)
                == #"create publication "p" for table only "public"."part_one", only "public"."item""#)
        #expect(
            publicationSQL("p", [Self.root], viaRoot: true).hasSuffix("(publish_via_partition_root = true)"))
    }

    @Test func `a partition's relation gets the name of the root, and keeps its number and columns`() throws {
        var relations = LeafRelations(Self.leaves)
        for (id, table, columns) in [(7, "part_one", ["id", "v"]), (8, "Part Two", ["v", "id"])] {
            guard
                case .relation(let found) = try replaced(relation(UInt32(id), table, columns), by: &relations)
            else {
                Issue.record("no relation")
                continue
            }
            #expect(found.name == Self.root && found.id == UInt32(id) && found.identity == .change)
            #expect(found.columns.map(\.name.text) == columns)
            #expect(found.columns.filter(\.isKey).map(\.name.text) == ["id"])
        }
        #expect(try replaced(relation(9, "item"), by: &relations) == nil)
        #expect(try replaced(StreamMessage.insert(7, [.text("1"), .null]), by: &relations) == nil)
        #expect(try replaced(StreamMessage.begin(10), by: &relations) == nil)
    }

    @Test func `a partition of another name is looked up once, and what is no partition stays as it is`()
        throws
    {
        var relations = LeafRelations(Self.leaves)
        var asked: [QualifiedName] = []
        let find: (QualifiedName) throws -> PublishedLeaves? = { name in
            asked.append(name)
            return PublishedLeaves(
                of: [Self.table("part", leaves: [Self.one, Self.name("renamed")])], among: [Self.root])
        }
        for _ in 0..<2 {
            guard case .relation(let found) = try replaced(relation(7, "renamed"), by: &relations, find: find)
            else { throw MalformedMessage(offset: 0, expected: "a relation") }
            #expect(found.name == Self.root)
        }
        #expect(asked == [Self.name("renamed")])
        #expect(try replaced(relation(9, "stranger"), by: &relations, find: find) == nil)
    }

    @Test func `a truncate of a root names it once, with the tables beside it`() throws {
        var relations = LeafRelations(Self.leaves)
        for (id, table) in [(UInt32(7), "part_one"), (8, "Part Two"), (9, "item")] {
            _ = try replaced(relation(id, table), by: &relations)
        }
        #expect(
            try replaced(StreamMessage.truncate([8, 9, 7], options: 1), by: &relations)
                == .truncate(relations: [8, 9], .cascade))
        #expect(try replaced(StreamMessage.truncate([9]), by: &relations) == nil)
    }

    @Test func `a truncate of one partition is refused, because it would empty the whole table`() throws {
        var relations = LeafRelations(Self.leaves)
        _ = try replaced(relation(7, "part_one"), by: &relations)
        let refused = #expect(throws: RequestRefused.self) {
            try replaced(StreamMessage.truncate([7]), by: &relations)
        }
        #expect(refused?.reason.contains("public.part_one of public.part was emptied") == true)
    }

    @Test func `a truncate of a root is passed on after a partition was dropped or detached`() throws {
        var relations = LeafRelations(Self.leaves)
        _ = try replaced(relation(7, "part_one"), by: &relations)
        let now = PublishedLeaves(of: [Self.table("part", leaves: [Self.one])], among: [Self.root])
        #expect(
            try replaced(StreamMessage.truncate([7]), by: &relations, now: { now })
                == .truncate(relations: [7], []))
    }
}
