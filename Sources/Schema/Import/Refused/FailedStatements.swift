import Foundation

/// The file `schema/failed.sql`: the statements that the server refused, each with its error and file in a
/// comment, to be mended and run by hand.
struct FailedStatements {
    private let path: String
    private var text: String

    /// Begins a new file in the first pass, and adds to the existing one in the second.
    init(files: SchemaFiles, secondPass: Bool) throws(SchemaError) {
        path = files.failed
        if secondPass, DurableFile.exists(path) {
            text = try DurableFile.read(path)
        } else {
            text = ""
            try DurableFile.remove(path)
        }
    }

    /// - Parameter statements: those of the step that took no effect
    mutating func append(
        _ step: ImportStep, _ statements: [SQLStatement], reason: String, sqlState: String,
        exportDirectory: String
    ) throws(SchemaError) {
        let line = statements.first?.line ?? step.line
        let harmless = reason.replacingOccurrences(of: "*/", with: "* /")
            .replacingOccurrences(of: "/*", with: "/ *")
        text += """
            /*
            ERROR: \(harmless) (SQLSTATE \(sqlState))
            File :\(exportDirectory)/\(step.file)
            Line :\(line)
            */
            \(statements.map(\.text).joined(separator: "\n"))


            """
        // It is written each time, so that a crash loses no failure.
        try DurableFile.write(text, to: path)
    }
}
