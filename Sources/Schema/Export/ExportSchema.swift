import Foundation
import Postgres
import Records

/// The result of an export of the schema.
package enum SchemaExportResult: Equatable, Sendable {
    /// The number of objects of each kind in the files.
    case exported([SchemaObjectType: Int])
    /// An export existed already and `startClean` was not given: nothing was changed.
    case alreadyExported
}

/// Writes the definitions of the schemas (all if the list is empty) into files by kind.
///
/// It blocks, so it runs on a thread of its own. The files appear in one step. Until then, and after any
/// failure, an earlier export stays as it was.
@discardableResult
package func exportSchema(
    access: DatabaseAccess, schemas: [String], files: SchemaFiles, startClean: Bool, line: (String) -> Void
) throws(SchemaError) -> SchemaExportResult {
    if files.hasExport, !startClean {
        line(
            "The schema is in \(files.schemaDirectory) already; nothing was done. Start clean to export it "
                + "anew."
        )
        return .alreadyExported
    }
    let source = try examineSource(access: access, schemas: schemas)
    let pgDump = try PgDump.choose(from: PgDump.installed(), serverMajor: source.serverMajor)
    if !source.needed.isEmpty {
        for (schema, example) in source.needed { line("Schema \(schema) is not exported, but \(example).") }
        let whole = (schemas + source.needed.map(\.schema)).joined(separator: ",")
        line("The list of schemas that would be whole is: \(whole)")
    }
    line("Reading the schema of \(access.parameters.place) with pg_dump \(pgDump.version).")

    try DurableFile.createDirectory((files.dump as NSString).deletingLastPathComponent)
    let partial = files.dump + ".partial"
    try DurableFile.remove(partial)
    try pgDump.dumpSchema(access: access, schemas: schemas, to: partial)
    try DurableFile.sync(partial)
    try DurableFile.move(partial, to: files.dump)

    let dump = try SchemaDump(
        text: try DurableFile.read(files.dump), extensionSchemas: source.extensionSchemas, casts: source.casts
    )
    var texts = dump.fileTexts
    // An empty database also gets a file, so that the next run finds an export.
    if texts.isEmpty { texts[.schema] = "-- The exported schemas contain no objects.\n" }
    try files.replaceSchema(with: texts)
    for type in SchemaObjectType.allCases {
        guard let objects = dump.objects[type] else { continue }
        line("\(type.rawValue): \(objects.count) in schema/\(type.path)")
    }
    return .exported(dump.objects.mapValues(\.count))
}

/// The facts of the source that an export needs before the dump.
private struct SourceFacts {
    let serverMajor: Int
    /// The schemas of extensions that were not listed.
    let extensionSchemas: [String]
    /// The casts of the schemas that were listed; pg_dump leaves them out.
    let casts: [DumpedCast]
    /// The schemas without which the listed ones are not whole, each with an example.
    let needed: [(schema: String, example: String)]
}

/// Asks the source for faults that pg_dump would report only later.
private func examineSource(access: DatabaseAccess, schemas: [String]) throws(SchemaError) -> SourceFacts {
    do {
        let connection = try PostgresConnection(
            access, applicationName: "switchback export schema", settings: .reading)
        let existing = try connection.query(
            "select nspname from pg_catalog.pg_namespace", doing: "list the schemas"
        ).rows.compactMap { $0[0] }
        for name in schemas where !existing.contains(name) {
            throw SchemaError.schemaMissing(
                name: name, place: access.parameters.place,
                similar: existing.filter { $0.lowercased() == name.lowercased() })
        }
        return SourceFacts(
            serverMajor: connection.serverVersion / 10000,
            extensionSchemas: try extensionSchemas(connection, besides: schemas),
            casts: try casts(connection, of: schemas), needed: try neededSchemas(connection, by: schemas))
    } catch let error as PostgresError {
        throw .server(error)
    } catch let error as SchemaError {
        throw error
    } catch {
        throw .pgDumpFailed(place: access.parameters.place, reason: "\(error)")
    }
}

/// Returns the schemas of extensions; none if all schemas are dumped.
private func extensionSchemas(_ connection: borrowing PostgresConnection, besides schemas: [String])
    throws(PostgresError) -> [String]
{
    guard !schemas.isEmpty else { return [] }
    return try connection.query(
        file: PackageResources.list_schemas_of_extensions_sql, [PostgresConnection.textArray(schemas)],
        doing: "list the schemas of extensions"
    ).rows.compactMap { $0[0] }
}

/// Returns the schemas that were not listed and that the listed ones need; none if all are dumped.
private func neededSchemas(_ connection: borrowing PostgresConnection, by schemas: [String])
    throws(PostgresError) -> [(schema: String, example: String)]
{
    guard !schemas.isEmpty else { return [] }
    return try connection.query(
        file: PackageResources.list_needed_schemas_sql, [PostgresConnection.textArray(schemas)],
        doing: "list the schemas that others need"
    ).rows.compactMap { row in row[0].map { ($0, row[1] ?? "something needs it") } }
}

/// Returns the casts of the schemas; none if all schemas are dumped, because pg_dump writes them then.
private func casts(_ connection: borrowing PostgresConnection, of schemas: [String]) throws(PostgresError)
    -> [DumpedCast]
{
    guard !schemas.isEmpty else { return [] }
    return try connection.query(
        file: PackageResources.list_casts_sql, [PostgresConnection.textArray(schemas)],
        doing: "list the casts"
    ).rows.compactMap { row in
        guard let name = row[0], let sql = row[1] else { return nil }
        return DumpedCast(name: name, sql: sql)
    }
}
