import Foundation

/// The files of the schema below an export directory.
package struct SchemaFiles: Sendable {
    package let exportDirectory: String

    package init(exportDirectory: String) {
        self.exportDirectory = exportDirectory
    }

    /// `schema/`, which has one file for each kind of object.
    package var schemaDirectory: String { exportDirectory + "/schema" }
    /// The whole output of pg_dump.
    package var dump: String { exportDirectory + "/temp/schema.sql" }
    /// The statements that the last import could not run.
    package var failed: String { schemaDirectory + "/failed.sql" }

    /// The journal of the imports.
    package var importJournal: String { exportDirectory + "/metainfo/schema-import.journal" }

    package func path(of type: SchemaObjectType) -> String { schemaDirectory + "/" + type.path }

    package func report(format: SchemaReportFormat) -> String {
        exportDirectory + "/reports/schema_analysis_report.\(format.rawValue)"
    }

    /// Whether a schema has been exported here, or `schema/` has other SQL files.
    package var hasExport: Bool {
        SchemaObjectType.allCases.contains { DurableFile.exists(path(of: $0)) } || !unknownFiles().isEmpty
    }

    /// Reads and splits the existing files, in the order of the kinds.
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

    /// Returns the version of the server that the dump was made of, by the dump's first lines; empty if there
    /// is no dump or no such line.
    package func dumpedVersion() throws(SchemaError) -> String {
        guard DurableFile.exists(dump) else { return "" }
        let head = String(decoding: try DurableFile.head(dump, bytesMax: 4096), as: UTF8.self)
        let mark = "-- Dumped from database version "
        return head.split(separator: "\n").first { $0.hasPrefix(mark) }.map {
            String($0.dropFirst(mark.count))
        }
            ?? ""
    }

    /// Returns the SQL files below `schema/` that no import reads, except known copies and leftovers.
    package func unknownFiles() -> [String] {
        let known = Set(
            SchemaObjectType.allCases.map(\.path) + ["failed.sql", "tables/redundant_indexes.sql"])
        guard let all = FileManager.default.enumerator(atPath: schemaDirectory) else { return [] }
        return all.compactMap { $0 as? String }.filter { path in
            path.hasSuffix(".sql") && !known.contains(path)
                && !(path as NSString).lastPathComponent.hasPrefix("backup_")
        }.sorted()
    }

    /// Replaces `schema/` with a new set of files by one rename. A crash leaves the old export, the new one,
    /// or none, but never a part of one.
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
        try DurableFile.remove(review)
    }
}
