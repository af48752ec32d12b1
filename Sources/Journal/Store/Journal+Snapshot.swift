import Foundation
import GRDB
import Records

/// A table of the migration with the state of its copy.
package struct StoredTable: Sendable, Equatable {
    package let table: Records.Table
    /// Number of times that the copy of this table began; chunks of a lower generation are void.
    package let generation: Int
    /// Consistent point of the snapshot that its rows come from; commits below it are in the rows.
    package let snapshotLSN: LogPosition?
    package let exportedRows: Int64
    package let isExported: Bool
    package let importedRows: Int64
    package let isImported: Bool
}

extension Journal {
    /// Key of the generation that the copies of a new list of tables begin above.
    private static let generationKey = "snapshot_generation"

    /// Writes the list of tables. A later call must have the same names.
    package func keepTables(_ tables: [Records.Table]) throws {
        try write("write the table list") { database in
            let generation = try Self.generation(database)
            for table in tables {
                try database.execute(
                    sql: """
                        insert into migrated_table (schema_name, table_name, table_json, generation)
                        values (?, ?, ?, ?)
                        on conflict do update set table_json = excluded.table_json
                        """,
                    arguments: [
                        table.name.schema.text, table.name.name.text,
                        String(decoding: try JSONEncoder().encode(table), as: UTF8.self), generation,
                    ])
            }
        }
    }

    /// Deletes tables and chunks, for a clean start before anything streams. The generations of the copies
    /// continue: a target may still have chunks of the deleted ones, which the new ones must not be taken
    /// for.
    package func forgetSnapshot() throws {
        try write("forget the snapshot") { database in
            let last = try Int.fetchOne(database, sql: "select max(generation) from migrated_table") ?? 0
            try database.execute(
                sql: """
                    insert into json_objects (key, json_text) values (?, ?)
                    on conflict do update set json_text = excluded.json_text
                    """,
                arguments: [
                    Self.generationKey, String(max(try Self.generation(database), last)),
                ])
            try database.execute(sql: "delete from chunk")
            try database.execute(sql: "delete from migrated_table")
        }
    }

    private static func generation(_ database: Database) throws -> Int {
        let text = try String.fetchOne(
            database, sql: "select json_text from json_objects where key = ?", arguments: [generationKey])
        return text.flatMap(Int.init) ?? 0
    }

    /// Notes every chunk as not imported, for a clean start of the import.
    package func forgetImport() throws {
        try write("forget the import") { database in
            try database.execute(sql: "update chunk set is_imported = 0")
            try database.execute(sql: "update migrated_table set imported_rows = 0, is_imported = 0")
        }
    }

    package func tables() throws -> [StoredTable] {
        try read("read the table list") { database in
            try Row.fetchAll(database, sql: "select * from migrated_table order by schema_name, table_name")
                .map { row in
                    StoredTable(
                        table: try JSONDecoder().decode(
                            Records.Table.self, from: Data((row["table_json"] as String).utf8)),
                        generation: row["generation"],
                        snapshotLSN: (row["snapshot_lsn"] as Int64?).map {
                            LogPosition(number: UInt64(bitPattern: $0))
                        },
                        exportedRows: row["exported_rows"], isExported: row["is_exported"],
                        importedRows: row["imported_rows"], isImported: row["is_imported"])
                }
        }
    }
}
