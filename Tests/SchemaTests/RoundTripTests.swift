import Foundation
import Glibc
import Postgres
import Records
import Support
import Testing

@testable import Schema

@Suite(.serialized) struct RoundTripTests {
    private func create(_ cluster: TestCluster, _ databases: String...) throws {
        for database in databases { try cluster.run("create database \(database)", in: "postgres") }
    }

    @Test func `a rich schema is the same on the target after both passes`() throws {
        try withCluster { cluster in
            try withExportDirectory { files in
                try create(cluster, "a", "b", "c")
                try cluster.run(richSchema, in: "a")
                var lines: [String] = []
                let access = cluster.access(database: "a")
                let export = try exportSchema(
                    access: access, schemas: ["shop", "Back Office", "public"], files: files,
                    startClean: false
                ) { lines.append($0) }
                guard case .exported(let counts) = export else {
                    Issue.record("nothing was exported")
                    return
                }
                #expect(counts[.schema] == 3)
                #expect(DurableFile.exists(files.dump))
                let again = try exportSchema(
                    access: access, schemas: ["shop"], files: files, startClean: false
                ) { lines.append($0) }
                #expect(again == .alreadyExported)

                let target = cluster.access(database: "b")
                let first = try importSchema(access: target, files: files, options: SchemaImportOptions()) {
                    lines.append($0)
                }
                #expect(first.failures.isEmpty)
                #expect(first.created > 30)
                #expect(
                    try cluster.value("select count(*) from pg_trigger where not tgisinternal", in: "b")
                        == "0")
                #expect(
                    try cluster.value(
                        "select count(*) from pg_index i join pg_class c on c.oid = i.indrelid "
                            + "join pg_namespace n on n.oid = c.relnamespace "
                            + "where n.nspname in ('shop', 'Back Office') and not i.indisunique", in: "b")
                        == "0")
                #expect(
                    try cluster.value(
                        "select count(*) from pg_constraint where contype = 'f' and connamespace = "
                            + "'shop'::regnamespace",
                        in: "b") == "1")
                try cluster.run(
                    "insert into shop.event values (1, '2025-03-04', '{}'), (2, '2025-03-04', '{}')", in: "b")

                var steps: [SchemaImportProgress] = []
                let second = try importSchema(
                    access: target, files: files, options: SchemaImportOptions(postSnapshotImport: true),
                    progress: { steps.append($0) }
                ) { lines.append($0) }
                #expect(second.failures.isEmpty)
                // Each transaction says how many steps were done before it; the refresh of the views counts
                // anew.
                let pass = try #require(steps.first).total
                let done = steps.filter { $0.total == pass }.map(\.done)
                #expect(done.first == 0 && done == done.sorted() && (done.last ?? pass) < pass)
                #expect(steps.last?.total == 2)
                #expect(steps.contains(where: \.buildsIndex) && !steps.allSatisfy(\.buildsIndex))
                #expect(Set(steps.map(\.processID)).count == 1)
                #expect(second.refreshed == 2)
                #expect(try cluster.value("select n from shop.peak", in: "b") == "2")

                let source = try normalisedDump(access)
                let copy = try normalisedDump(target)
                #expect(source.count > 60)
                #expect(Set(source).subtracting(copy) == [])
                #expect(Set(copy).subtracting(source) == [])

                // Both passes once more: nothing is run again.
                for pass in [false, true] {
                    let repeated = try importSchema(
                        access: target, files: files, options: SchemaImportOptions(postSnapshotImport: pass)
                    ) { lines.append($0) }
                    #expect(repeated.created == 0 && repeated.existed == 0 && repeated.noted > 0)
                }
                // Without the journal everything exists, nothing fails, nothing changes.
                try DurableFile.remove(files.importJournal)
                for pass in [false, true] {
                    let repeated = try importSchema(
                        access: target, files: files,
                        options: SchemaImportOptions(postSnapshotImport: pass, ignoreExist: true)
                    ) { lines.append($0) }
                    #expect(repeated.failures.isEmpty)
                    #expect(repeated.existed > 0 && repeated.differing == 0, "\(lines.suffix(20))")
                }
                #expect(try normalisedDump(target) == copy)
                try DurableFile.remove(files.importJournal)
                #expect(throws: SchemaError.self) {
                    try importSchema(access: target, files: files, options: SchemaImportOptions()) { _ in }
                }
            }
        }
    }

    @Test func `the schema of an extension that was not listed comes with the extension`() throws {
        try withCluster { cluster in
            try withExportDirectory { files in
                try create(cluster, "a", "b")
                try cluster.run(
                    """
                    create schema "Ext ensions"; create extension ltree schema "Ext ensions"; create \
                    extension citext;
                    create table place (path "Ext ensions".ltree primary key, name citext);
                    """, in: "a")
                let access = cluster.access(database: "a")
                try exportSchema(access: access, schemas: ["public"], files: files, startClean: false) { _ in
                }
                let imported = try importSchema(
                    access: cluster.access(database: "b"), files: files, options: SchemaImportOptions()
                ) { _ in }
                #expect(imported.failures.isEmpty)
                #expect(
                    try cluster.value(
                        "select extnamespace::regnamespace::text from pg_extension where extname = 'ltree'",
                        in: "b") == "\"Ext ensions\"")
                #expect(try cluster.value("select count(*) from place", in: "b") == "0")
            }
        }
    }

    @Test func `circles and dependencies on later kinds are put in order`() throws {
        try withCluster { cluster in
            try withExportDirectory { files in
                try create(cluster, "a", "b")
                try cluster.run(awkwardSchema, in: "a")
                try exportSchema(
                    access: cluster.access(database: "a"), schemas: ["a", "z"], files: files,
                    startClean: false
                ) { _ in }
                let target = cluster.access(database: "b")
                for pass in [false, true] {
                    let options = SchemaImportOptions(postSnapshotImport: pass)
                    let result = try importSchema(access: target, files: files, options: options) { _ in }
                    #expect(result.failures.isEmpty)
                }
                let source = try normalisedDump(cluster.access(database: "a"))
                let copy = try normalisedDump(target)
                #expect(Set(source).subtracting(copy) == [])
                #expect(Set(copy).subtracting(source) == [])
            }
        }
    }

    @Test func `a password reaches the server and a wrong one is reported at once`() throws {
        try withCluster { cluster in
            try withExportDirectory { files in
                try cluster.run(
                    "create role keeper login superuser password 'right'; create table t (id int)",
                    in: "postgres")
                let rules = try cluster.value("show hba_file", in: "postgres")!
                let text = try DurableFile.read(rules)
                try Data(("host all keeper 127.0.0.1/32 scram-sha-256\n" + text).utf8)
                    .write(to: URL(fileURLWithPath: rules), options: [])
                try cluster.run("select pg_reload_conf()", in: "postgres")
                var parameters = cluster.access(database: "postgres").parameters
                parameters.user = "keeper"
                let wrong = DatabaseAccess(parameters: parameters, password: "wrong")
                // The server reads its rules anew a moment after the reload.
                var state = ""
                while state != "28P01" {
                    do {
                        _ = try PostgresConnection(wrong, applicationName: "test")
                        usleep(20_000)
                    } catch let error as PostgresError {
                        state = error.sqlState
                    }
                }
                do {
                    try exportSchema(access: wrong, schemas: ["public"], files: files, startClean: false) {
                        _ in
                    }
                    Issue.record("a wrong password was taken")
                } catch SchemaError.server(let error) {
                    #expect(error.sqlState == "28P01")
                    #expect(!"\(SchemaError.server(error))".contains("wrong"))
                }
                let right = DatabaseAccess(parameters: parameters, password: "right")
                let result = try exportSchema(
                    access: right, schemas: ["public"], files: files, startClean: false
                ) { _ in }
                guard case .exported(let counts) = result else {
                    Issue.record("nothing was exported")
                    return
                }
                #expect(counts[.table] == 1)
            }
        }
    }

    @Test func `an import whose connection is lost anywhere is completed by the next`() throws {
        struct CutOff: Error {}
        try withCluster { cluster in
            try withExportDirectory { files in
                try create(cluster, "a")
                try cluster.run(richSchema, in: "a")
                let schemas = ["shop", "Back Office"]
                try exportSchema(
                    access: cluster.access(database: "a"), schemas: schemas, files: files, startClean: false
                ) { _ in }
                let source = try normalisedDump(cluster.access(database: "a"))
                for (number, cut) in [3, 14, 29].enumerated() {
                    let database = "cut\(number)"
                    try create(cluster, database)
                    let access = cluster.access(database: database)
                    // The backend is terminated after so many objects, as if the server failed.
                    var count = 0
                    do {
                        _ = try importSchema(access: access, files: files, options: SchemaImportOptions()) {
                            _ in
                            count += 1
                            guard count == cut else { return }
                            do {
                                try cluster.run(
                                    "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
                                        + "where application_name = 'switchback import schema'",
                                    in: "postgres")
                            } catch {
                                Issue.record(error)
                            }
                        }
                        Issue.record("the import went on without its connection")
                    } catch SchemaError.interrupted(let done, let total, let error) {
                        #expect(error.isConnectionLoss)
                        let text = SchemaError.interrupted(done: done, of: total, error).description
                        #expect(
                            text.contains("\(done) of \(total) objects") && text.contains("does the rest"))
                    }
                    for pass in [false, true] {
                        let options = SchemaImportOptions(postSnapshotImport: pass)
                        let result = try importSchema(access: access, files: files, options: options) { _ in }
                        #expect(result.failures.isEmpty)
                    }
                    #expect(try normalisedDump(access) == source)
                }
            }
        }
    }

    @Test func `an object the server refuses goes to failed.sql and the rest is created`() throws {
        try withCluster { cluster in
            try withExportDirectory { files in
                try create(cluster, "a", "b", "c")
                try cluster.run(
                    "create table t (id int primary key); create table u (id int primary key references t); "
                        + "create view v as select id from t", in: "a")
                try exportSchema(
                    access: cluster.access(database: "a"), schemas: ["public"], files: files,
                    startClean: false
                ) { _ in }
                // Edited by hand: a type that does not exist, and a table without a comment line.
                let path = files.path(of: .table)
                let text = try DurableFile.read(path)
                try DurableFile.write(
                    text.replacingOccurrences(
                        of: "CREATE TABLE public.t (\n    id integer",
                        with: "CREATE TABLE public.t (\n    id no_such_type")
                        + "\ncreate table public.mine (a int);\n", to: path)

                var lines: [String] = []
                let result = try importSchema(
                    access: cluster.access(database: "b"), files: files,
                    options: SchemaImportOptions(continueOnError: true)
                ) { lines.append($0) }
                #expect(result.failures.map(\.sqlState).contains("42704"))
                #expect(result.failures.count == 4, "the table, its key, the foreign key and the view")
                let failed = try DurableFile.read(files.failed)
                #expect(failed.contains("File :\(files.schemaDirectory)/tables/table.sql"))
                #expect(failed.contains("(SQLSTATE 42704)"))
                #expect(failed.contains("id no_such_type"))
                #expect(try cluster.value("select count(*) from public.mine", in: "b") == "0")
                #expect(try cluster.value("select count(*) from public.u", in: "b") == "0")

                do {
                    _ = try importSchema(
                        access: cluster.access(database: "c"), files: files, options: SchemaImportOptions()
                    ) { _ in }
                    Issue.record("the import took a table of a type that does not exist")
                } catch SchemaError.object(let label, let file, _, let sqlState, _, _, let others) {
                    #expect(label == "table public.t")
                    #expect(file == "schema/tables/table.sql")
                    #expect(sqlState == "42704")
                    #expect(others == 3)
                }

                // When it is mended, the same call completes and the file of failures is removed.
                try DurableFile.write(text, to: path)
                _ = try importSchema(
                    access: cluster.access(database: "b"), files: files,
                    options: SchemaImportOptions(ignoreExist: true)
                ) { _ in }
                #expect(!DurableFile.exists(files.failed))
                #expect(try cluster.value("select count(*) from public.v", in: "b") == "0")
            }
        }
    }

    @Test func `a clean start replaces the files and a failed one leaves them`() throws {
        try withCluster { cluster in
            try withExportDirectory { files in
                try create(cluster, "a")
                try cluster.run(
                    "create table t (id int primary key); create view v as select id from t", in: "a")
                var access = cluster.access(database: "a")
                try exportSchema(access: access, schemas: [], files: files, startClean: false) { _ in }
                let mark = "\n-- edited by hand\n"
                let edited = try DurableFile.read(files.path(of: .table)) + mark
                try DurableFile.write(edited, to: files.path(of: .table))

                #expect(throws: SchemaError.self) {
                    try exportSchema(access: access, schemas: ["none"], files: files, startClean: true) { _ in
                    }
                }
                #expect(try DurableFile.read(files.path(of: .table)) == edited)

                try cluster.run("drop view v", in: "a")
                access = cluster.access(database: "a")
                let result = try exportSchema(access: access, schemas: [], files: files, startClean: true) {
                    _ in
                }
                #expect(result == .exported([.table: 2]))
                #expect(try !DurableFile.read(files.path(of: .table)).contains(mark))
                #expect(!DurableFile.exists(files.path(of: .view)))
            }
        }
    }

    @Test func `an export reports what is wrong before it begins`() throws {
        try withCluster { cluster in
            try withExportDirectory { files in
                let access = cluster.access(database: "postgres")
                #expect(
                    throws: SchemaError.schemaMissing(
                        name: "Public", place: access.parameters.place, similar: ["public"])
                ) {
                    try exportSchema(access: access, schemas: ["Public"], files: files, startClean: false) {
                        _ in
                    }
                }
                try cluster.run("create table secret (a int); create role guest login", in: "postgres")
                var parameters = access.parameters
                parameters.user = "guest"
                do {
                    try exportSchema(
                        access: DatabaseAccess(parameters: parameters, password: "unused"),
                        schemas: ["public"],
                        files: files, startClean: false
                    ) { _ in }
                    Issue.record("a user without rights exported a table")
                } catch SchemaError.notPermitted(_, let reason) {
                    #expect(reason.contains("secret"))
                }
                #expect(!files.hasExport)
                parameters.database = "nowhere"
                #expect(throws: SchemaError.self) {
                    try exportSchema(
                        access: DatabaseAccess(parameters: parameters, password: nil), schemas: [],
                        files: files,
                        startClean: false
                    ) { _ in }
                }
            }
        }
    }
}
