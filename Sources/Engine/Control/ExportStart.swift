import Foundation
import Records

/// The start of `export data from source`: the source is checked, and the live migration begins.
struct ExportStart: Sendable {
    let context: RoleContext
    let options: RunOptions

    /// Checks the source and begins the live migration, if it has not begun before.
    func begin() throws {
        try context.update { try $0.keepTableLists(of: options) }
        if options.checks {
            let checks = StartChecks(context: context)
            try checks.run(.source)
            // What only the fall-back needs does not stop the start. It is better known now than at the
            // cutover.
            try checks.announceFallBack()
            try checks.announceLookups(.source, for: "for the fall-back: ")
        }
        try context.update { try $0.start(jobs: options.jobs, now: secondsNow()) }
    }

    /// Undoes what an unfinished snapshot left on the source, forgets the snapshot, and removes its data
    /// files.
    func discardSnapshot() throws {
        try context.side(.source).startRemoval(for: "clean").undoChanges()
        try context.journal.forgetSnapshot()
        try context.update { record in _ = try record.take(.snapshotDiscarded, at: secondsNow()) }
        let data = context.exportDirectory + "/data"
        for name in try FileManager.default.contentsOfDirectory(atPath: data)
        where name.hasSuffix("_data.sql") {
            try FileManager.default.removeItem(atPath: data + "/" + name)
        }
    }
}

extension MigrationRecord {
    /// Keeps the lists of tables. Throws if the migration has begun with others.
    fileprivate mutating func keepTableLists(of options: RunOptions) throws {
        guard legs.isEmpty else {
            let isSame =
                Self.isSameList(tableGlobs, options.tables)
                && Self.isSameList(excludedTableGlobs, options.excludedTables)
                || options.tables.isEmpty && options.excludedTables.isEmpty
            guard isSame else {
                throw RequestRefused(
                    "the table list cannot change once the export has begun; begin with --start-clean true")
            }
            return
        }
        tableGlobs = options.tables
        excludedTableGlobs = options.excludedTables
    }

    /// Whether a list of tables equals the recorded one, which earlier versions recorded without its quotes.
    private static func isSameList(_ recorded: [String], _ given: [String]) -> Bool {
        let names = recorded.map { Identifier($0) }
        return names == given.map { Identifier($0) }
            || names == given.map { Identifier(ShownName.withoutQuotes($0)) }
    }
}

extension Migration {
    /// Keeps the lists of tables that a worker was given, for the request that starts the migration. Without
    /// a list, those that were kept before stay.
    package func keepTableLists(of options: RunOptions) throws {
        guard !options.tables.isEmpty || !options.excludedTables.isEmpty else { return }
        try update { try $0.keepTableLists(of: options) }
    }
}
