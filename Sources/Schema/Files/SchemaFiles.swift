import Foundation

/// The layout of the schema below an export directory: which file holds what.
package struct SchemaFiles: Sendable {
    package let exportDirectory: String

    package init(exportDirectory: String) {
        self.exportDirectory = exportDirectory
    }

    /// `schema/`, which holds one file for each kind of object.
    package var schemaDirectory: String { exportDirectory + "/schema" }
    /// pg_dump's whole output.
    package var dump: String { exportDirectory + "/temp/schema.sql" }
    /// What the last import could not create.
    package var failed: String { schemaDirectory + "/failed.sql" }

    package func path(of type: SchemaObjectType) -> String { schemaDirectory + "/" + type.path }

    package func report(format: SchemaReportFormat) -> String {
        exportDirectory + "/reports/schema_analysis_report.\(format.rawValue)"
    }

    /// Whether a schema has been exported here, or somebody keeps SQL of his own here.
    package var hasExport: Bool {
        SchemaObjectType.allCases.contains { DurableFile.exists(path(of: $0)) } || !unknownFiles().isEmpty
    }

    /// The files there are, read and split, in the order of the kinds.
    package func scripts() throws(SchemaError) -> [SchemaScript] {
        guard hasExport else { throw .notExported(directory: exportDirectory) }
        var scripts: [SchemaScript] = []
        for type in SchemaObjectType.allCases where DurableFile.exists(path(of: type)) {
            scripts.append(
                try SchemaScript(
                    text: try DurableFile.read(path(of: type)), file: "schema/" + type.path, type: type))
        }
        return scripts
    }

    /// SQL files below `schema/` that no import reads, apart from those known to be copies or leftovers.
    package func unknownFiles() -> [String] {
        let known = Set(
            SchemaObjectType.allCases.map(\.path) + ["failed.sql", "tables/redundant_indexes.sql"])
        guard let all = FileManager.default.enumerator(atPath: schemaDirectory) else { return [] }
        return all.compactMap { $0 as? String }.filter { path in
            path.hasSuffix(".sql") && !known.contains(path)
                && !(path as NSString).lastPathComponent.hasPrefix("backup_")
        }.sorted()
    }

    /// Puts a new set of files in the place of `schema/` in one rename, so that a crash leaves either the
    /// old export, the new one, or none, never a half.
    func replaceSchema(with texts: [SchemaObjectType: String]) throws(SchemaError) {
        let fresh = exportDirectory + "/temp/schema.new"
        let old = exportDirectory + "/temp/schema.old"
        try DurableFile.remove(fresh)
        try DurableFile.remove(old)
        try DurableFile.createDirectory(fresh)
        for (type, text) in texts { try DurableFile.write(text, to: fresh + "/" + type.path) }
        try DurableFile.sync(fresh)
        if DurableFile.exists(schemaDirectory) { try DurableFile.move(schemaDirectory, to: old) }
        try DurableFile.move(fresh, to: schemaDirectory)
        try DurableFile.remove(old)
        for format in SchemaReportFormat.allCases { try DurableFile.remove(report(format: format)) }
    }
}
