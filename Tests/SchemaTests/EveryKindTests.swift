import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Schema

/// A database with one of each kind of object that pg_dump writes, except those of `richSchema` and
/// `awkwardSchema`.
private let everyKind = #"""
    create schema s; comment on schema public is 'our own';
    create extension citext schema s;
    create collation s.co (provider = libc, locale = 'C');
    create type s.en as enum ('a', 'b'); create type s.pair as (a int, b text);
    create type s.ra as range (subtype = float8);
    create domain s.positive as int check (value > 0);
    create sequence s.seq as smallint cycle;
    create access method am type table handler heap_tableam_handler;
    create table s.on_am (a int) using am;
    create table s.t (id int primary key, d s.positive, k s.en, p s.pair, c text collate s.co, v s.ra[]);
    create function s.en_number(s.en) returns int language sql immutable as $$ select 1 $$;
    create cast (s.en as int) with function s.en_number(s.en) as assignment;
    create procedure s.p() language sql as $$ select 1 $$;
    create aggregate s.total(int) (sfunc = int4pl, stype = int);
    create operator s.## (leftarg = int, rightarg = int, function = int4pl);
    create operator family s.fam using btree;
    create conversion s.conv for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
    create text search template s.tmpl (lexize = dsimple_lexize, init = dsimple_init);
    create text search dictionary s.dict (template = s.tmpl);
    create text search parser s.par (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
    create text search configuration s.cfg (parser = s.par);
    alter text search configuration s.cfg add mapping for word with s.dict;
    create foreign data wrapper w; create server srv foreign data wrapper w;
    create user mapping for public server srv; create foreign table s.ft (a int) server srv;
    create function s.tr(internal) returns internal language internal immutable strict as 'generate_series_int4_support';
    create transform for s.pair language plpgsql (from sql with function s.tr(internal));
    create statistics s.st (dependencies) on id, c from s.t;
    create view s.view as select s.total(id) from s.t; create materialized view s.mat as select id from s.t;
    create rule r as on delete to s.on_am do instead nothing;
    create function s.fire() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger g after insert on s.t execute function s.fire();
    create function s.event() returns event_trigger language plpgsql as $$ begin end $$;
    create event trigger ev on ddl_command_end execute function s.event();
    alter table s.t enable row level security; create policy pol on s.t to public using (id > 0);
    create index i on s.t (c); comment on index s.i is 'i';
    create table s.child () inherits (s.t); alter table s.t cluster on i;
    grant select on s.t to public; alter default privileges in schema s grant select on tables to public;
    create publication pub for table s.t;
    """#

@Suite(.serialized) struct EveryKindTests {
    /// The kinds, in pg_dump's words, that an export leaves out and announces.
    private let announced = ["ACL", "DEFAULT ACL", "PUBLICATION", "PUBLICATION TABLE"]

    /// Returns a database's objects as pg_dump writes them, each with its comment line.
    private func objects(of access: DatabaseAccess) throws -> Set<String> {
        let dump = try normalisedDump(access).joined(separator: "\n\n\n")
            .replacing("-- PostgreSQL database dump complete", with: "")
        let marks = CharacterSet(charactersIn: "-").union(.whitespacesAndNewlines)
        return Set(
            dump.components(separatedBy: "\n-- Name: ").dropFirst().map { $0.trimmingCharacters(in: marks) })
    }

    @Test
    func `every kind of object that pg_dump writes is the same on the target, but for what is announced`()
        throws
    {
        try withCluster { cluster in
            try withExportDirectory { files in
                for database in ["a", "b"] { try cluster.run("create database \(database)", in: "postgres") }
                try cluster.run(everyKind, in: "a")
                try exportSchema(
                    access: cluster.access(database: "a"), schemas: [], files: files, startClean: false
                ) { _ in }
                let target = cluster.access(database: "b")
                for pass in [false, true] {
                    let options = SchemaImportOptions(postSnapshotImport: pass)
                    let result = try importSchema(access: target, files: files, options: options) { _ in }
                    #expect(result.failures.isEmpty)
                }
                let source = try objects(of: cluster.access(database: "a"))
                let copy = try objects(of: target)
                let kinds = { (blocks: Set<String>) in
                    Set(
                        blocks.map { block in
                            let type = block.components(separatedBy: "; Type: ").dropFirst().first ?? block
                            return type.components(separatedBy: ";")[0]
                        })
                }
                #expect(kinds(source.subtracting(copy)).subtracting(announced) == [])
                #expect(kinds(copy.subtracting(source)).subtracting(announced) == [])
                #expect(kinds(source).count > 35, "\(kinds(source).sorted())")
            }
        }
    }

    @Test func `what hangs on schemas that were not listed is named, with the list that would be whole`()
        throws
    {
        try withCluster { cluster in
            try withExportDirectory { files in
                try cluster.run("create database a", in: "postgres")
                let sql = """
                    create schema s; create schema types; create schema refs; create schema parts; create schema deep;
                    create schema alone; create table alone.t (a int);
                    create type types.e as enum ('a'); create table refs.r (id int primary key);
                    create function deep.f() returns int language sql as 'select 1';
                    alter table refs.r alter id set default deep.f();
                    create table s.t (k types.e, r int references refs.r, at date) partition by range (at);
                    create table parts.p partition of s.t default;
                    """
                try cluster.run(sql, in: "a")
                var lines: [String] = []
                try exportSchema(
                    access: cluster.access(database: "a"), schemas: ["s"], files: files, startClean: false
                ) { lines.append($0) }
                #expect(
                    lines.contains("Schema parts is not exported, but p is a partition of t."), "\(lines)")
                #expect(lines.contains { $0.hasPrefix("Schema types is not exported, but ") })
                #expect(lines.contains("The list of schemas that would be whole is: s,deep,parts,refs,types"))
            }
        }
    }
}
