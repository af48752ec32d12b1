import Foundation
import Journal
import Records

/// The files in which scripts for yb-voyager find that the snapshot is exported.
enum ExportMarkers {
    static func write(_ context: RoleContext) {
        do {
            let tables = try context.journal.tables()
            let list = tables.enumerated().map { number, table in
                [
                    "sno": number + 1, "schema_name": table.table.name.schema.text,
                    "table_name": table.table.name.name.text,
                    "exported_row_count_snapshot": table.exportedRows,
                ] as [String: Any]
            }
            let status = try JSONSerialization.data(
                withJSONObject: ["mode": "STREAMING", "tables": list], options: [.sortedKeys])
            try status.write(
                to: URL(fileURLWithPath: context.exportDirectory + "/data/export_status.json"),
                options: .atomic)
            let files = try JSONSerialization.data(
                withJSONObject: [
                    "FileFormat": "text", "Delimiter": "\\t", "HasHeader": false,
                    "FileList": try context.journal.chunks().compactMap { chunk in
                        chunk.filePath.map {
                            [
                                "FilePath": $0, "TableName": chunk.table.description,
                                "RowCount": chunk.rows ?? 0,
                            ] as [String: Any]
                        }
                    },
                ], options: [.sortedKeys])
            try files.write(
                to: URL(fileURLWithPath: context.exportDirectory + "/metainfo/dataFileDescriptor.json"),
                options: .atomic)
        } catch {
            // This program does not read them.
            context.log(.warning, "capture", "the marker files for scripts could not be written: \(error)")
        }
    }
}
