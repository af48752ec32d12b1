import Records

/// An object that an import would create, with the very statements of the files.
package struct ImportedObject: Equatable, Sendable {
    /// The object as progress lines name it: `table shop.orders`.
    package let label: String
    package let statements: [String]
    /// What takes it back on the target.
    package let undo: String
}

/// Returns the objects that an import with these options runs, in their order, and the views that its second
/// pass fills. It reads the files only.
package func importedObjects(
    of files: SchemaFiles, options: SchemaImportOptions, targetIsYugabyteDB: Bool
) throws(SchemaError) -> [ImportedObject] {
    let scripts = try files.scripts()
    let plan = ImportPlan(scripts: scripts, options: options, targetIsYugabyteDB: targetIsYugabyteDB)
    var headers: [String: ObjectHeader] = [:]
    for object in scripts.flatMap(\.objects) { headers[object.label] = object.header }
    var objects = plan.steps.map { step in
        ImportedObject(
            label: step.label, statements: step.statements.map(\.text),
            undo: headers[step.label].flatMap { $0.dropping } ?? "drop the \(step.label) on the target")
    }
    guard options.postSnapshotImport, options.takes(.materializedView) else { return objects }
    let views = scripts.flatMap(\.objects).flatMap(\.statements).compactMap(\.createdMaterializedView)
    for parts in views {
        let name = parts.joined(separator: ".")
        objects.append(
            ImportedObject(
                label: options.refreshMaterializedViews
                    ? "refresh \(name)" : "refresh \(name), if it was never filled",
                statements: [refreshing(parts)], undo: "nothing: the view has no rows of its own"))
    }
    return objects
}

/// The statement that fills a materialized view; `parts` are the parts of its name.
func refreshing(_ parts: [String]) -> String {
    "refresh materialized view \(parts.map(quoteIdentifier).joined(separator: "."));"
}

extension ObjectHeader {
    private static let droppable: Set<String> = [
        "SCHEMA", "EXTENSION", "COLLATION", "TYPE", "DOMAIN", "SEQUENCE", "TABLE", "INDEX", "VIEW",
        "MATERIALIZED VIEW", "FOREIGN TABLE",
    ]
    /// The kinds whose name has the arguments, as DROP takes them.
    private static let withArguments: Set<String> = ["FUNCTION", "PROCEDURE", "AGGREGATE"]

    /// The statement that drops the object; nil if its comment line does not say enough.
    fileprivate var dropping: String? {
        let prefix = schema.map { quoteIdentifier($0) + "." } ?? ""
        if Self.droppable.contains(type) {
            return "drop \(type.lowercased()) \(prefix)\(quoteIdentifier(name))"
        }
        return Self.withArguments.contains(type) ? "drop \(type.lowercased()) \(prefix)\(name)" : nil
    }
}
