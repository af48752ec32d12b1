import Foundation
import Postgres
import Records

/// Removes everything of ours from both databases and empties the export directory, after the backups asked for.
///
/// It may be done again from the beginning after a crash: what is gone already is passed over.
struct EndMigration {
    let context: RoleContext
    let options: EndOptions
    let line: (String) -> Void

    func perform() throws {
        let record = try context.record()
        try checkBackupDirectory()
        if options.saveMigrationReports { try saveReport() }
        for side in Side.allCases where isTouched(side, record) { try clean(side, record) }
        try backUp()
        for folder in ["schema", "data", "reports", "temp"] { try remove(folder) }
        if options.backupLogFiles, options.backupDirectory != nil { try move("logs", copy: true) }
        try context.update { record in record.phase = .ended }
        for finding in try context.journal.document([NotCarried].self, key: NotCarried.key) ?? [] {
            line(finding.line)
        }
        line("the audit log stays in \(context.journal.path)")
        context.announce("Ended migration successfully")
        context.log(.info, "end", "migration ended; slots, publications and metadata are removed")
    }

    private func isTouched(_ side: Side, _ record: MigrationRecord) -> Bool {
        (side == .source ? record.sourceIdentity : record.targetIdentity) != nil
            || record.changes.contains { $0.side == side && $0.undoneAt == nil }
    }

    private func checkBackupDirectory() throws {
        let wantsBackup =
            options.backupSchemaFiles || options.backupDataFiles || options.saveMigrationReports
            || options.backupLogFiles
        guard wantsBackup else { return }
        guard let directory = options.backupDirectory, !directory.isEmpty else {
            throw RequestRefused("a backup is asked for and no directory for it: give --backup-dir")
        }
        var isDirectory: ObjCBool = false
        // The flag lives on this frame through the call.
        guard unsafe FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory),
            isDirectory.boolValue
        else { throw RequestRefused("the backup directory \(directory) does not exist; make it first") }
    }

    /// Takes back every recorded change of a side, newest first, and the metadata.
    private func clean(_ side: Side, _ record: MigrationRecord) throws {
        let connection = try context.connectAlone(side, step: "end")
        try context.checkIdentity(side, connection)
        line("removing slots, publications, fence and metadata from \(connection.place)")
        try DatabaseChanges(context).undo(side, on: connection) { _ in true }
        for leg in record.legs where leg.direction.destination == side {
            // What was set aside just before the end belongs to the backup too.
            try context.ensureMetadata(side, connection)
            try IncidentLedger(context: context, leg: leg, uuid: record.uuid).carryOver(connection)
        }
        try connection.removeMetadata(migration: record.uuid)
    }

    private func saveReport() throws {
        let rows = try context.journal.tables().map { table in
            [
                "table_name": table.table.name.description, "exported_snapshot_rows": table.exportedRows,
                "imported_snapshot_rows": table.importedRows,
            ] as [String: Any]
        }
        let data = try JSONSerialization.data(withJSONObject: rows, options: [.prettyPrinted, .sortedKeys])
        let folder = context.exportDirectory + "/reports"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/data_migration_report.json"
        if !FileManager.default.fileExists(atPath: path) { try data.write(to: URL(fileURLWithPath: path)) }
        let findings = try context.journal.document([NotCarried].self, key: NotCarried.key) ?? []
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(findings).write(to: URL(fileURLWithPath: folder + "/not-carried.json"))
    }

    private func backUp() throws {
        if options.backupSchemaFiles { try move("schema", copy: false) }
        if options.backupDataFiles { try move("data", copy: false) }
        if options.saveMigrationReports { try move("reports", copy: false) }
    }

    private func move(_ folder: String, copy: Bool) throws {
        guard let directory = options.backupDirectory else { return }
        let (from, to) = (context.exportDirectory + "/" + folder, directory + "/" + folder)
        guard FileManager.default.fileExists(atPath: from) else { return }
        if FileManager.default.fileExists(atPath: to) { try FileManager.default.removeItem(atPath: to) }
        try FileManager.default.copyItem(atPath: from, toPath: to)
        if !copy { try FileManager.default.removeItem(atPath: from) }
        line("saved the backup at \(to)")
    }

    private func remove(_ folder: String) throws {
        let path = context.exportDirectory + "/" + folder
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
    }
}
