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
    /// Writes the list of tables. A later call must have the same names.
    package func keepTables(_ tables: [Records.Table]) throws {
        try write("write the table list") { database in
            for table in tables {
                try database.execute(
                    sql: """
                        insert into migrated_table (schema_name, table_name, table_json) values (?, ?, ?)
                        on conflict do update set table_json = excluded.table_json
                        """,
                    arguments: [
                        table.name.schema.text, table.name.name.text,
                        String(decoding: try JSONEncoder().encode(table), as: UTF8.self),
                    ])
            }
        }
    }

    /// Deletes tables and chunks, for a clean start before anything streams.
    package func forgetSnapshot() throws {
        try write("forget the snapshot") { database in
            try database.execute(sql: "delete from chunk")
            try database.execute(sql: "delete from migrated_table")
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
