import Records
import Testing

@Suite struct TableIdentityTests {
    private func identity(_ name: String, _ kind: RowIdentity.Kind, isDeferrable: Bool = false) -> RowIdentity
    {
        RowIdentity(name: QualifiedName(schema: "s", name: name), kind: kind, isDeferrable: isDeferrable)
    }

    private func lacks(_ table: RowIdentity, _ parts: [RowIdentity] = []) -> [TableIdentity.Lack] {
        TableIdentity(table: table, parts: parts).lacks
    }

    @Test func `a table lacks nothing with a key or whole rows, and so its partitions`() {
        #expect(lacks(identity("t", .columns(["id"]))) == [])
        #expect(lacks(identity("t", .full)) == [])
        #expect(lacks(identity("t", .change)) == [])
        #expect(
            lacks(identity("t", .columns(["id"])), [identity("p", .columns(["id"])), identity("q", .full)])
                == [])
        #expect(lacks(identity("t", .full), [identity("p", .full)]) == [])
    }

    @Test func `the remedy for a table includes its partitions, which do not inherit its identity`() throws {
        let found = lacks(identity("t", .none), [identity("p", .none), identity("q", .full)])
        #expect(found.count == 1)
        #expect(
            found.first?.remedy
                == "alter table \"s\".\"t\" replica identity full; alter table \"s\".\"p\" replica "
                + "identity full"
        )
        let deferrable = try #require(lacks(identity("t", .none, isDeferrable: true)).first)
        #expect(deferrable.found.contains("deferrable"))
    }

    @Test func `a partition without an identity, or with another one than its root, is named`() {
        let found = lacks(
            identity("t", .columns(["id"])),
            [identity("a", .none), identity("b", .columns(["other"])), identity("c", .columns(["id"]))])
        #expect(found.map(\.name.name) == ["a", "b"])
        #expect(
            found.map(\.remedy) == [
                "alter table \"s\".\"a\" replica identity full",
                "alter table \"s\".\"b\" replica identity default",
            ])
        #expect(lacks(identity("t", .full), [identity("a", .columns(["id"]))]).map(\.name.name) == ["a"])
    }

    @Test func `on YugabyteDB a table or partition without any identity is named`() {
        let nothing = RowIdentity(
            name: QualifiedName(schema: "s", name: "p"), kind: .none, isNothing: true)
        let found = TableIdentity(table: identity("t", .change), parts: [nothing, identity("q", .full)])
            .lacksOnYugabyteDB
        #expect(found.map(\.remedy) == [#"alter table "s"."p" replica identity change"#])
        #expect(TableIdentity(table: identity("t", .change)).lacksOnYugabyteDB == [])
    }
}
