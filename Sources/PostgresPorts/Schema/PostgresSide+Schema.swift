import Engine
import Postgres
import Records
import Schema

/// The export and the import of the schema on one side, and what the schema's files do not carry.
extension PostgresSide {
    private static let session = "export schema"

    func analysisTarget() throws -> AnalysisTarget {
        try AnalysisTarget(asking: access)
    }

    func exportSchema(to files: SchemaFiles, startClean: Bool, line: (String) -> Void) throws
        -> SchemaExportResult
    {
        let result = try Schema.exportSchema(
            access: access, schemas: try context.record().schemas, files: files, startClean: startClean,
            line: line)
        let encoding = try context.connect(side, as: Self.session).parameterStatus("server_encoding")
        for notice in EncodingNotice.lines(encoding ?? "UTF8") { line(notice) }
        return result
    }

    func importSchema(from files: SchemaFiles, _ options: SchemaImportOptions, line: (String) -> Void) throws
        -> SchemaImportResult
    {
        let progress = ProgressWriter(context.exportDirectory, .schemaImport, on: side, .objects, of: nil)
        let monitor = IndexBuildMonitor(context, side)
        return try Schema.importSchema(
            access: access, files: files, options: options, afterEachStep: try suspendingHook(),
            progress: { step in
                progress.note(Int64(step.done), of: Int64(step.total), detail: step.label)
                if step.buildsIndex { monitor.watch(process: step.processID) }
            }, line: line)
    }

    /// Returns what turns off the triggers and foreign keys that an import creates while rows are written to
    /// this side; nil if none are written, or if our sessions are replicas.
    private func suspendingHook() throws -> CreationHook? {
        guard try context.record().allowsSuspension(of: side),
            try !context.connect(side, as: "import schema").isReplica()
        else { return nil }
        let suspension = Suspension(context: context, side: side)
        let tables = try context.journal.tables().map(\.table.name)
        return { (connection: borrowing PostgresConnection, statements: [String]) throws(PostgresError) in
            do { try suspension.suspendCreated(tables, by: statements, on: connection) } catch let error
                as PostgresError
            {
                throw error
            } catch {
                throw PostgresError(
                    kind: .server, message: "\(error)", doing: "turn off what was created")
            }
        }
    }

    func tableFacts() throws -> TableFacts {
        try TableFacts(try context.connect(side, as: Self.session), try context.record())
    }

    func uncarriedObjects(of tables: [QualifiedName]) throws -> [UncarriedObject] {
        try context.connect(side, as: Self.session).uncarriedObjects(of: tables, try context.record())
    }
}
