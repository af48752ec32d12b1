import Records
import Testing

@testable import Postgres

@Suite struct YugabyteVersionTests {
    @Test func `a release is read from the version text of YugabyteDB only`() throws {
        let text = "PostgreSQL 15.2-YB-2025.1.0.1-b0 on x86_64-pc-linux-gnu, compiled by clang, 64-bit"
        let version = try #require(YugabyteVersion(serverVersion: text))
        #expect(version == YugabyteVersion([2025, 1, 0, 1]) && version.description == "2025.1.0.1")
        #expect(YugabyteVersion(serverVersion: "11.2-YB-2024.2.4.0-b0") == YugabyteVersion([2024, 2, 4, 0]))
        #expect(YugabyteVersion(serverVersion: "PostgreSQL 15.18 (Debian 15.18-0+deb12u1)") == nil)
    }

    @Test func `a release is older than one with a greater number, or with a further number`() {
        #expect(YugabyteVersion([2024, 2, 8]) < YugabyteVersion([2025, 1]))
        #expect(YugabyteVersion([2025, 2, 2]) < YugabyteVersion([2025, 2, 2, 0]))
        #expect(!(YugabyteVersion([2025, 10]) < YugabyteVersion([2025, 2])))
    }
}

/// Definitions as YugabyteDB prints them.
@Suite struct YugabyteDefinitionTests {
    @Test func `an index of YugabyteDB reads as the B-tree that it stands for`() {
        #expect(
            CatalogObject.Kind.index.definitionWithoutTablets(
                "CREATE INDEX ON public.item USING lsm (v HASH, w ASC)")
                == "CREATE INDEX ON public.item USING btree (v, w)")
        #expect(
            CatalogObject.Kind.view.definitionWithoutTablets("SELECT ' HASH'::text") == "SELECT ' HASH'::text"
        )
    }
}
