import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Schema

/// The journal of an import as a file.
@Suite struct ImportJournalFileTests {
    private let keys = (0..<3).map { StatementKey(file: "f", text: "create table t\($0) ();", occurrence: 0) }

    private func withJournal(_ body: (String) throws -> Void) throws {
        try withExportDirectory { try body($0.importJournal) }
    }

    @Test func `a key tells file, text and equal statements apart, and is read back`() throws {
        let all = [
            StatementKey(file: "a", text: "b", occurrence: 0),
            StatementKey(file: "ab", text: "", occurrence: 0),
            StatementKey(file: "a", text: "b", occurrence: 1),
            StatementKey(file: "b", text: "a", occurrence: 0),
        ]
        #expect(Set(all).count == all.count)
        #expect(all.map { StatementKey($0.description) } == all)
        #expect(StatementKey("12") == nil)
    }

    @Test func `what was noted is known when the journal is opened again`() throws {
        try withJournal { path in
            let journal = try ImportJournal(path, target: "db 1")
            try journal.begin([keys[0], keys[1]], transaction: "77")
            try journal.done([keys[0], keys[1]])
            try journal.begin([keys[2]], transaction: "78")
            let again = try ImportJournal(path, target: "db 1")
            #expect(again.applied == [keys[0], keys[1]])
            #expect(again.begun == [keys[2]])
            #expect(again.open == [ImportJournal.Open(transaction: "78", keys: [keys[2]])])
        }
    }

    @Test func `a line that was cut off is no line, wherever it was cut`() throws {
        try withJournal { path in
            var journal: ImportJournal? = try ImportJournal(path, target: "db 1")
            try journal?.begin([keys[0]], transaction: "1")
            try journal?.done([keys[0]])
            let whole = try DurableFile.bytes(path)
            try journal?.begin([keys[1]], transaction: "123")
            journal = nil
            let all = try DurableFile.bytes(path)
            for length in whole.count..<(all.count - 1) {
                try Data(all[..<length]).write(to: URL(fileURLWithPath: path))
                let again = try ImportJournal(path, target: "db 1")
                #expect(again.applied == [keys[0]] && again.open.isEmpty, "\(length)")
                try again.done([keys[2]])
                #expect(try ImportJournal(path, target: "db 1").applied == [keys[0], keys[2]])
            }
        }
    }

    @Test func `another database has none of it, and what was dropped is forgotten`() throws {
        try withJournal { path in
            try ImportJournal(path, target: "db 1").done([keys[0]])
            #expect(try ImportJournal(path, target: "db 2").applied.isEmpty)
            #expect(try ImportJournal(path, target: "db 1").applied.isEmpty, "it was another one meanwhile")
            let journal = try ImportJournal(path, target: "db 1")
            try journal.done(keys)
            try journal.forget([keys[1]])
            #expect(try ImportJournal(path, target: "db 1").applied == [keys[0], keys[2]])
            try journal.clean()
            #expect(try !ImportJournal(path, target: "db 1").isContinued)
        }
    }
}

/// Imports that end at any moment, and what the next one makes of them.
@Suite(.serialized) struct ImportJournalTests {
    private func run(
        _ cluster: TestCluster, _ database: String, _ files: SchemaFiles, hook: CreationHook? = nil
    ) throws {
        for pass in [false, true] {
            let result = try importSchema(
                access: cluster.access(database: database), files: files,
                options: SchemaImportOptions(postSnapshotImport: pass), afterEachStep: hook
            ) { _ in }
            #expect(result.failures.isEmpty)
        }
    }

    private func exported(_ body: (TestCluster, SchemaFiles, [String]) throws -> Void) throws {
        try withCluster { cluster in
            try withExportDirectory { files in
                try cluster.run("create database a", in: "postgres")
                try cluster.run(richSchema, in: "a")
                try exportSchema(
                    access: cluster.access(database: "a"), schemas: ["shop", "Back Office"], files: files,
                    startClean: false
                ) { _ in }
                try body(cluster, files, try normalisedDump(cluster.access(database: "a")))
            }
        }
    }

    @Test
    func `an import that ends before any commit, or between a commit and its note, is completed by the next`()
        throws
    {
        try exported { cluster, files, source in
            var isWhole = false
            var number = 0
            while !isWhole {
                number += 1
                for cutsNote in [false, true] {
                    let database = "k\(number)\(cutsNote ? "n" : "")"
                    try cluster.run("create database \(database)", in: "postgres")
                    try DurableFile.remove(files.importJournal)
                    var count = 0
                    do {
                        try run(cluster, database, files) { (_, _) throws(PostgresError) in
                            count += 1
                            guard count < number else {
                                throw PostgresError(kind: .connection, message: "killed", doing: "die")
                            }
                        }
                        isWhole = true
                    } catch SchemaError.interrupted {
                        let lines = try DurableFile.read(files.importJournal).split(separator: "\n")
                        if cutsNote, lines.last?.hasPrefix("done") == true {
                            let text = lines.dropLast().map { $0 + "\n" }.joined()
                            try DurableFile.write(text, to: files.importJournal)
                        }
                    }
                    try run(cluster, database, files)
                    #expect(try normalisedDump(cluster.access(database: database)) == source, "\(database)")
                }
            }
            #expect(number > 5)
        }
    }

    @Test func `statements that began and are not noted are recognised by what exists`() throws {
        try exported { cluster, files, source in
            try cluster.run("create database b", in: "postgres")
            try run(cluster, "b", files)
            // As on a server that does not know what became of a transaction.
            let text = try DurableFile.read(files.importJournal).split(separator: "\n")
                .filter { !$0.hasPrefix("done") }.map { line in
                    let words = line.split(separator: " ")
                    return words[0] == "begin"
                        ? (["begin", "-"] + words.dropFirst(2)).joined(separator: " ") : String(line)
                }.map { $0 + "\n" }.joined()
            try DurableFile.write(text, to: files.importJournal)
            try run(cluster, "b", files)
            #expect(try normalisedDump(cluster.access(database: "b")) == source)
        }
    }

    @Test func `what was dropped since is created again, with what hangs on it`() throws {
        try exported { cluster, files, source in
            try cluster.run("create database b", in: "postgres")
            try run(cluster, "b", files)
            try cluster.run("drop table shop.customer cascade; drop index shop.order_tags", in: "b")
            try run(cluster, "b", files)
            #expect(try normalisedDump(cluster.access(database: "b")) == source)
            // A new database of the same name has nothing of it.
            try cluster.run("drop database b", in: "postgres")
            try cluster.run("create database b", in: "postgres")
            try run(cluster, "b", files)
            #expect(try normalisedDump(cluster.access(database: "b")) == source)
        }
    }

    @Test func `a clean start drops what it listed, and nothing of other schemas`() throws {
        try withCluster { cluster in
            try withExportDirectory { files in
                for database in ["a", "b"] { try cluster.run("create database \(database)", in: "postgres") }
                let sql = """
                    create schema s; create table s.t (id int primary key) partition by range (id);
                    create table s.t_rest partition of s.t default; create table public.u (id serial);
                    create type public.e as enum ('x'); create function public.f(int) returns int language sql
                        as 'select 1'; create view public.v as select * from public.u;
                    """
                try cluster.run(sql, in: "a")
                try exportSchema(
                    access: cluster.access(database: "a"), schemas: ["s", "public"], files: files,
                    startClean: false
                ) { _ in }
                let target = cluster.access(database: "b")
                _ = try importSchema(access: target, files: files, options: SchemaImportOptions()) { _ in }
                try cluster.run(
                    "create table s.extra (); create table public.extra (); create schema other; "
                        + "create table other.kept (); insert into s.t values (1); create extension citext",
                    in: "b")
                let contents = try TargetContents(target, files: files)
                #expect(
                    contents.lines.contains("table: 4 (public.extra, public.u, s.extra, s.t)"),
                    "\(contents.lines)")
                #expect(contents.lines.contains("schema: 1 (s)"))
                #expect(contents.lines.contains("function: 1 (public.f(integer))"))
                #expect(!contents.lines.contains { $0.contains("citext") || $0.contains("kept") })
                let result = try importSchema(
                    access: target, files: files, options: SchemaImportOptions(startClean: true)
                ) { _ in }
                #expect(result.failures.isEmpty && result.noted == 0)
                #expect(try cluster.value("select count(*) from s.t", in: "b") == "0")
                #expect(
                    try cluster.value(
                        "select string_agg(relname, ',' order by relname) from pg_class where relname in "
                            + "('extra', 'kept', 't', 'u', 'v')", in: "b") == "kept,t,u,v")
            }
        }
    }
}
