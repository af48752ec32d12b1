import Postgres
import Records

@testable import Engine

/// A change on a real server, or in the migration, that turns one gate, and what takes it back.
struct GateChange: CustomStringConvertible {
    /// What takes the change back.
    typealias Undo = () throws -> Void

    let gate: GateName
    let state: Gate.State
    var options = CutoverOptions(to: .target)
    /// Other gates that it may turn as well, because it stops what they read.
    var touches: Set<GateName> = []
    let make: (Site) throws -> Undo

    var description: String { "\(gate.rawValue) \(state.rawValue)" }

    static let tables = """
        create table item (id int primary key, v text, w int);
        insert into item select n, 'one', n from generate_series(1, 20) n;
        """

    /// Those that SQL on one server makes and takes back.
    private static func sql(
        _ gate: GateName, _ state: Gate.State, on side: Side, _ options: CutoverOptions? = nil,
        _ statement: @escaping (Site) throws -> String, undo: @escaping (Site) throws -> String
    ) -> GateChange {
        GateChange(gate: gate, state: state, options: options ?? CutoverOptions(to: .target)) { site in
            try site.connect(side).execute(statement(site))
            return { try site.connect(side).execute(undo(site)) }
        }
    }

    private static func sql(
        _ gate: GateName, _ state: Gate.State, on side: Side, _ statement: String, undo: String
    ) -> GateChange {
        sql(gate, state, on: side) { _ in
            statement
        } undo: { _ in
            undo
        }
    }

    /// Sessions that hold something until the change is taken back.
    private final class Session {
        let connection: PostgresConnection
        init(_ connection: consuming PostgresConnection) { self.connection = connection }
    }

    private static let watcher = """
        create function watch() returns event_trigger language plpgsql as 'begin end';
        create event trigger watcher on ddl_command_end execute function watch();
        alter event trigger watcher enable always
        """

    /// In the order of the gates.
    static var all: [GateChange] { objects + rights + servers + stream }

    private static var objects: [GateChange] {
        [
            sql(
                .tables, .red, on: .target, "alter table item add column extra int",
                undo: "alter table item drop column extra"),
            sql(.indexes, .red, on: .source, "create index item_v on item (v)", undo: "drop index item_v"),
            sql(
                .constraints, .red, on: .source, "alter table item add constraint small check (w < 1000000)",
                undo: "alter table item drop constraint small"),
            sql(
                .triggers, .red, on: .source,
                "create function nothing() returns trigger language plpgsql as 'begin return new; end'; "
                    + "create trigger item_t before insert on item for each row execute function nothing()",
                undo: "drop trigger item_t on item; drop function nothing"),
            sql(
                .sequences, .red, on: .source,
                "create sequence lonely; alter sequence lonely owner to mover", undo: "drop sequence lonely"),
            sql(
                .views, .red, on: .source, "create view shown as select id from item", undo: "drop view shown"
            ),
            sql(
                .defaults, .red, on: .source, "alter table item alter column v set default 'x'",
                undo: "alter table item alter column v drop default"),
        ]
    }

    private static var rights: [GateChange] {
        [
            sql(.sourceRights, .red, on: .source) {
                "revoke insert on item from \($0.sourceUser)"
            } undo: {
                "grant insert on item to \($0.sourceUser)"
            },
            sql(.sourceRights, .red, on: .source, CutoverOptions(to: .target, fence: .tables)) {
                "revoke trigger on item from \($0.sourceUser)"
            } undo: {
                "grant trigger on item to \($0.sourceUser)"
            },
            sql(.sourceRights, .amber, on: .source, CutoverOptions(to: .target, disconnectSessions: true)) {
                "revoke pg_signal_backend from \($0.sourceUser)"
            } undo: {
                "grant pg_signal_backend to \($0.sourceUser)"
            },
            sql(.targetRights, .red, on: .target) {
                "alter role \($0.targetUser) noreplication"
            } undo: {
                "alter role \($0.targetUser) replication"
            },
        ]
    }

    private static var servers: [GateChange] {
        [
            sql(
                .replicaIdentity, .red, on: .target, "alter table item replica identity nothing",
                undo: "alter table item replica identity default"),
            sql(
                .alwaysTriggers, .amber, on: .target, watcher,
                undo: "drop event trigger watcher; drop function watch"),
            sql(
                .capacity, .red, on: .target,
                "select pg_create_physical_replication_slot('taken_' || n) from generate_series(1, 2) n",
                undo: "select pg_drop_replication_slot('taken_' || n) from generate_series(1, 2) n"),
            sql(.names, .red, on: .target) {
                "create publication \(try $0.fallBackLeg.publicationName)"
            } undo: {
                "drop publication \(try $0.fallBackLeg.publicationName)"
            },
            GateChange(gate: .writers, state: .amber) { site in
                let session = Session(try site.connect(.source))
                try session.connection.execute("begin; update item set w = 2 where id = 2")
                return { try session.connection.execute("rollback") }
            },
            away(.source, .sourceAnswers), away(.target, .targetAnswers),
        ]
    }

    /// A server that is stopped; all that is read from it is unknown then.
    private static func away(_ side: Side, _ gate: GateName) -> GateChange {
        GateChange(gate: gate, state: .red, touches: Set(GateName.allCases)) { site in
            try site.cluster(side).stop()
            return { try site.cluster(side).start() }
        }
    }

    private static var stream: [GateChange] {
        [
            GateChange(gate: .running, state: .red, touches: [.slot, .disk, .lag]) { site in
                _ = try site.migration.leave(.pause, by: "test")
                return { _ = try site.migration.leave(.resume, by: "test") }
            },
            GateChange(gate: .disk, state: .amber) { site in
                let free = try site.migration.status().capture?.diskFreeBytes ?? 0
                return try limit(site, DiskLimits(freeBytesMin: free / 2))
            },
            GateChange(gate: .disk, state: .red, touches: [.running, .slot, .lag]) { site in
                try limit(site, DiskLimits(freeBytesMin: .max))
            },
            sql(
                .setAside, .red, on: .source, "create table newcomer (id int primary key)",
                undo: "drop table newcomer"),
            GateChange(gate: .incidents, state: .red, touches: [.running, .lag]) { site in
                try site.connect(.target).execute("delete from item where id = 1")
                try site.connect(.source).execute("update item set v = 'two' where id = 1")
                return {
                    try site.connect(.target).execute("insert into item values (1, 'one', 1)")
                    _ = try site.migration.leave(.resume, by: "test")
                }
            },
            GateChange(gate: .lag, state: .amber, touches: [.running]) { site in
                let session = Session(try site.connect(.target))
                try session.connection.execute("begin; lock table item in share mode")
                try site.connect(.source).execute(
                    "insert into item select n, 'more', n from generate_series(1001, 3000) n")
                return { try session.connection.execute("rollback") }
            },
            GateChange(
                gate: .verification, state: .amber, options: CutoverOptions(to: .target, verify: false)
            ) {
                _ in {}
            },
        ]
    }

    private static func limit(_ site: Site, _ limits: DiskLimits) throws -> Undo {
        _ = try site.migration.leave(.setDiskLimits(limits), by: "test")
        return { _ = try site.migration.leave(.setDiskLimits(DiskLimits()), by: "test") }
    }
}

extension Site {
    /// The leg that a fall-back from the target would be.
    var fallBackLeg: Leg {
        get throws {
            Leg(number: 2, direction: .reverse, start: .position, uuid: try migration.record().uuid)
        }
    }
}
