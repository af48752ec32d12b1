import Foundation
import Records
import Testing

@testable import Schema

/// The objects of an import as a plan shows them.
@Suite struct ImportedObjectTests {
    private static let dump = """
        -- Name: orders; Type: TABLE; Schema: shop; Owner: -

        create table shop.orders (id int, total int);

        -- Name: Big Orders; Type: MATERIALIZED VIEW; Schema: shop; Owner: -

        create materialized view shop."Big Orders" as select * from shop.orders with no data;

        -- Name: total(integer); Type: FUNCTION; Schema: shop; Owner: -

        create function shop.total(n integer) returns integer language sql as 'select n';
        """

    private func objects(_ options: SchemaImportOptions) throws -> (found: [ImportedObject], plan: ImportPlan)
    {
        let directory = NSTemporaryDirectory() + "switchback-imported-" + UUID().uuidString
        // A leftover in the temporary directory harms nobody.
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let files = SchemaFiles(exportDirectory: directory)
        let indexes = """
            -- Name: orders_total; Type: INDEX; Schema: shop; Owner: -

            create index orders_total on shop.orders (total);
            """
        for (path, text) in [
            (SchemaObjectType.table.path, Self.dump), (SchemaObjectType.index.path, indexes),
        ] {
            let url = URL(fileURLWithPath: directory + "/schema/" + path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: url, atomically: true, encoding: .utf8)
        }
        return (
            try importedObjects(of: files, options: options, targetIsYugabyteDB: false),
            ImportPlan(scripts: try files.scripts(), options: options, targetIsYugabyteDB: false)
        )
    }

    @Test func `the statements are those that the import runs, in its order`() throws {
        let (found, plan) = try objects(SchemaImportOptions())
        #expect(found.map(\.statements) == plan.steps.map { $0.statements.map(\.text) })
        #expect(found.count == 3)
    }

    @Test func `an object is dropped by its name, as SQL writes it`() throws {
        let undo = try objects(SchemaImportOptions()).found.map(\.undo)
        #expect(undo.contains("drop table \"shop\".\"orders\""), "\(undo)")
        #expect(undo.contains("drop materialized view \"shop\".\"Big Orders\""), "\(undo)")
        #expect(undo.contains("drop function \"shop\".total(integer)"), "\(undo)")
    }

    @Test func `the second pass has the indexes, and the views that it fills`() throws {
        let found = try objects(SchemaImportOptions(postSnapshotImport: true)).found
        #expect(found.first?.statements == ["create index orders_total on shop.orders (total);"])
        #expect(found.first?.undo == "drop index \"shop\".\"orders_total\"")
        let view = try #require(found.last)
        #expect(view.statements == ["refresh materialized view \"shop\".\"Big Orders\";"])
        #expect(view.label == "refresh shop.Big Orders, if it was never filled")
        let all = try objects(
            SchemaImportOptions(postSnapshotImport: true, refreshMaterializedViews: true)
        ).found
        #expect(all.last?.label == "refresh shop.Big Orders")
    }
}
