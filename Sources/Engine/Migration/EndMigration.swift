import Foundation
import Records

/// The end of a migration: backups are made, everything of ours is removed from both databases, and the
/// export directory is emptied.
///
/// After a crash it may be performed again from the beginning; it passes over what is removed already.
package struct EndMigration {
    package let context: RoleContext
    package let options: EndOptions
    package let line: (String) -> Void

    package func perform() throws {
        let record = try context.record()
        if let problem = options.directoryProblem { throw RequestRefused(problem) }
        if options.saveMigrationReports { try saveReport() }
        for side in Side.allCases where record.isTouched(side) { try clean(side, record) }
        try backUp()
        for folder in ["schema", "data", "reports", "temp"] { try remove(folder) }
        if options.backupLogFiles, options.backupDirectory != nil { try move("logs", copy: true) }
        try context.update { record, transaction in
            try record.take(.ended, at: secondsNow())
            try transaction.log(
                .info, "end", "migration ended; slots, publications and metadata are removed")
        }
        for finding in try context.journal.document([NotCarried].self, key: NotCarried.key) ?? [] {
            line(finding.line)
        }
        try waivers().lines.forEach(line)
        line("the audit log stays in \(context.journal.path)")
        context.announce("Ended migration successfully")
    }

    /// Undoes every recorded change of a side, newest first, and removes the metadata.
    private func clean(_ side: Side, _ record: MigrationRecord) throws {
        let database = try context.side(side).startRemoval(for: "end")
        line("removing slots, publications, fence and metadata from \(database.place)")
        try database.undoChanges()
        // The backup also has the changes that were stashed just before the end.
        for leg in record.legs where leg.direction.destination == side {
            try IncidentLedger(context: context, leg: leg).carryOver(database.stashedChanges(of: leg))
        }
        try database.removeMetadata()
    }

    private func saveReport() throws {
        /// The form of a table in the report.
        struct Row: Encodable {
            let table_name: String
            let exported_snapshot_rows: Int64
            let imported_snapshot_rows: Int64
        }
        let rows = try context.journal.tables().map { table in
            Row(
                table_name: table.table.name.description, exported_snapshot_rows: table.exportedRows,
                imported_snapshot_rows: table.importedRows)
        }
        let data = Data(try JSONText.text(of: rows).utf8)
        let folder = context.exportDirectory + "/reports"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/data_migration_report.json"
        if !FileManager.default.fileExists(atPath: path) { try data.write(to: URL(fileURLWithPath: path)) }
        let findings = try context.journal.document([NotCarried].self, key: NotCarried.key) ?? []
        try NotCarriedReport.write(findings, exportDirectory: context.exportDirectory)
        try waivers().write(exportDirectory: context.exportDirectory)
    }

    private func waivers() throws -> WaiverReport {
        WaiverReport(try context.record().cutovers.map(\.status))
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
        try merge(from, into: to)
        if !copy { try FileManager.default.removeItem(atPath: from) }
        line("saved the backup at \(to)")
    }

    /// Copies file by file, and deletes nothing that an interrupted attempt saved: the folder may have been
    /// created again since, and be empty.
    private func merge(_ from: String, into to: String) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: to, withIntermediateDirectories: true)
        for path in try files.subpathsOfDirectory(atPath: from) {
            let (source, copy) = (from + "/" + path, to + "/" + path)
            var isDirectory: ObjCBool = false
            // Sound: the flag outlives the call.
            if unsafe files.fileExists(atPath: source, isDirectory: &isDirectory), isDirectory.boolValue {
                try files.createDirectory(atPath: copy, withIntermediateDirectories: true)
            } else {
                if files.fileExists(atPath: copy) { try files.removeItem(atPath: copy) }
                try files.copyItem(atPath: source, toPath: copy)
            }
        }
    }

    private func remove(_ folder: String) throws {
        let path = context.exportDirectory + "/" + folder
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
    }
}

extension Migration {
    /// Returns whether the migration has ended before. If so, a request to end it that was interrupted after
    /// its last step is noted as done.
    package func finishEnded(by: String) throws -> Bool {
        guard try record().phase == .ended else { return false }
        let interrupted = try journal.runningRequests()
        try journal.transaction("note the end of the migration") { transaction in
            for request in interrupted {
                try transaction.endRequest(
                    request.id, state: RequestRecord.State.done.rawValue, answer: "the migration has ended",
                    findingsJSON: nil, at: secondsNow())
            }
            try transaction.log(.info, "end", "the migration had ended before; asked again by \(by)")
        }
        return true
    }
}

extension MigrationRecord {
    /// Whether anything of ours may be on a side.
    func isTouched(_ side: Side) -> Bool {
        (side == .source ? sourceIdentity : targetIdentity) != nil
            || changes.contains { $0.side == side && $0.undoneAt == nil }
    }
}

extension EndOptions {
    /// Why the backup cannot be written; nil if it can, or none is wanted.
    var directoryProblem: String? {
        guard backupSchemaFiles || backupDataFiles || saveMigrationReports || backupLogFiles else {
            return nil
        }
        guard let directory = backupDirectory, !directory.isEmpty else {
            return "a backup was requested without a directory for it: give --backup-dir"
        }
        var isDirectory: ObjCBool = false
        // Sound: the flag outlives the call.
        guard unsafe FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory),
            isDirectory.boolValue
        else { return "the backup directory \(directory) does not exist; create it first" }
        return nil
    }
}
