import Foundation
import Postgres
import PostgresPorts
import Records
import Support
import Testing

@testable import Engine

extension Site {
    /// The rights on the tables and columns of the schema public, each as the server has it.
    func rights(_ side: Side) throws -> [String] {
        let sql = """
            select c.relname || '.' || coalesce(f.attname, '-') || ' ' || a.grantor::regrole || ' '
                   || a.grantee::regrole || ' ' || a.privilege_type || ' ' || a.is_grantable
              from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
              left join pg_attribute f on f.attrelid = c.oid and f.attacl is not null
             cross join lateral (
                   select * from aclexplode(c.relacl) where f.attname is null
                   union all select * from aclexplode(f.attacl)) a
             union all
            select c.relname || ' ' || a.grantor::regrole || ' ' || a.grantee::regrole || ' '
                   || a.privilege_type || ' ' || a.is_grantable
              from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
             cross join lateral aclexplode(c.relacl) a order by 1
            """
        let found: ResultSet = try connect(side).query(sql)
        return found.rows.compactMap { $0[0] }
    }

    /// Makes roles and grants of every kind on a side; returns the roles.
    func makeGrants(_ side: Side) throws -> [String] {
        let roles = ["lead", "clerk", "guest"].map { "\(name)_\($0)" }
        for role in roles { try connect(side).execute("create role \(role)") }
        try connect(side).execute(
            """
            grant insert, update, delete on item to \(roles[0]) with grant option;
            grant select, truncate on item to \(roles[0]);
            set role \(roles[0]); grant insert, update on item to \(roles[1]) with grant option; reset role;
            set role \(roles[1]); grant update on item to \(roles[2]); reset role;
            grant update (v), insert (id) on item to \(roles[2]) with grant option;
            grant update (v) on item to public; grant select on item to public;
            grant delete on part to public; grant insert on part_a to \(roles[2]);
            """)
        return roles
    }

    func dropGrants(_ side: Side, _ roles: [String]) throws {
        for role in roles {
            try connect(side).execute("drop owned by \(role); drop role \(role)")
        }
    }
}

extension ServerSuites {
    /// The fence of a cutover that revokes the rights to write.
    @Suite(.serialized) struct RightsFenceTests {
        private static let tables = """
            create table item (id int primary key, v text);
            create table part (id int, region text, primary key (id, region)) partition by list (region);
            create table part_a partition of part for values in ('a');
            """

        private func cutOver(_ site: Site, to side: Side, approval: Bool = false) throws {
            let waivers = Site.equality.map { GateWaiver(gate: $0, reason: "test") }
            _ = try site.migration.leave(
                .initiateCutover(
                    CutoverOptions(to: side, requiresApproval: approval, fence: .rights, waivers: waivers)),
                by: "test")
        }

        /// Whether a role is refused a statement for want of a right.
        private func isRefused(_ role: String, _ sql: String, _ site: Site, on side: Side) throws -> Bool {
            let connection = try site.connect(side)
            try connection.execute("set role \(role)")
            return try isRefused(sql, on: connection)
        }

        private func isRefused(_ sql: String, on connection: borrowing PostgresConnection) throws -> Bool {
            do {
                try connection.execute(sql)
                return false
            } catch  where error.sqlState == "42501" { return true }
        }

        @Test func `the rights to write are revoked, and come back exactly as they were`() async throws {
            try await withSite(Self.tables) { site in
                let roles = try site.makeGrants(.source)
                let before = try site.rights(.source)
                #expect(before.count > 20)
                try site.connect(.source).execute(
                    "insert into item select n, 'v' from generate_series(1, 9) n")
                try await site.goLive()
                // A session from before the fence is refused, too.
                let session = try site.connect(.source)
                try session.execute("set role \(roles[1]); insert into item values (100, 'before')")
                #expect(try await site.differences() == [])
                try cutOver(site, to: .target, approval: true)
                try await eventually("the cutover awaits approval") {
                    try site.migration.status().cutovers.last?.awaitsApproval == true
                }
                let fence = try #require(
                    try site.migration.record().cutovers.last?.steps.first { $0.step == .fence })
                #expect(
                    fence.detail.hasPrefix("rights to write to 3 tables are revoked; owners and superusers"))
                let isStopped = try isRefused(
                    "insert into item values (101, '')", on: session)
                #expect(isStopped)
                for role in roles {
                    let sql = "update item set v = 'x' where id = 1"
                    #expect(try isRefused(role, sql, site, on: .source))
                }
                #expect(try isRefused(roles[2], "insert into part_a values (1, 'a')", site, on: .source))
                // What is no right to write stays.
                #expect(try !isRefused(roles[2], "select count(*) from item", site, on: .source))
                _ = try site.migration.leave(.abortCutover, by: "test")
                try await site.awaitPhase(.streaming)
                #expect(try site.rights(.source) == before)
                #expect(
                    try !isRefused(roles[2], "update item set v = 'back' where id = 1", site, on: .source))
                try cutOver(site, to: .target)
                try await site.awaitFallBack()
                #expect(try isRefused(roles[0], "delete from item where id = 1", site, on: .source))
                // The fall-back still writes there.
                try site.connect(.target).execute("update item set v = 'there' where id = 2")
                #expect(try await site.differences(.reverse) == [])
                try cutOver(site, to: .source)
                try await site.awaitPhase(.complete)
                #expect(try site.rights(.source) == before)
                try await site.end()
                #expect(try site.rights(.source) == before)
                try site.dropGrants(.source, roles)
            }
        }

        @Test func `the end of the migration gives the rights back, too`() async throws {
            try await withSite(Self.tables) { site in
                let roles = try site.makeGrants(.source)
                let before = try site.rights(.source)
                try await site.goLive()
                try cutOver(site, to: .target)
                try await site.awaitFallBack()
                #expect(try site.rights(.source) != before)
                try await site.end()
                #expect(try site.rights(.source) == before)
                try site.dropGrants(.source, roles)
            }
        }

        @Test func `grants come back in an order in which each may be given`() {
            func grant(_ grantor: String, _ grantee: String?, _ column: Identifier? = nil) -> WriteGrant {
                WriteGrant(
                    table: "public.t", column: column, grantor: grantor, grantee: grantee, right: "UPDATE",
                    isGrantable: grantee != nil, owner: "o")
            }
            let grants = [grant("b", "c"), grant("a", "b"), grant("o", nil, "v"), grant("o", "a")]
            #expect(
                WriteGrant.restoring(grants) == """
                    grant update ("v") on table "public"."t" to public; \
                    grant update on table "public"."t" to "a" with grant option; \
                    set local role "a"; grant update on table "public"."t" to "b" with grant option; \
                    reset role; \
                    set local role "b"; grant update on table "public"."t" to "c" with grant option; \
                    reset role
                    """)
            #expect(
                WriteGrant.revoking(grants)
                    == "revoke insert, update, delete, truncate on table \"public\".\"t\" from \"c\", \"b\", "
                    + "public, \"a\" cascade")
            #expect(WriteGrant.revoking([]) == nil)
        }
    }
}
