import Foundation

/// `schema/failed.sql`: what the server refused, each with its error and file in a comment, so that the
/// rest can be mended and run by hand.
struct FailedStatements {
    private let path: String
    private var text: String

    /// The first pass begins a new file; the second adds to the one there is.
    init(files: SchemaFiles, secondPass: Bool) throws(SchemaError) {
        path = files.failed
        if secondPass, DurableFile.exists(path) {
            text = try DurableFile.read(path)
        } else {
            text = ""
            try DurableFile.remove(path)
        }
    }

    mutating func append(_ step: ImportStep, reason: String, sqlState: String, exportDirectory: String)
        throws(SchemaError)
    {
        let harmless = reason.replacingOccurrences(of: "*/", with: "* /")
            .replacingOccurrences(of: "/*", with: "/ *")
        text += """
            /*
            ERROR: \(harmless) (SQLSTATE \(sqlState))
            File :\(exportDirectory)/\(step.file)
            */
            \(step.statements.map(\.text).joined(separator: "\n"))


            """
        // Written each time: a crash must not lose what is known to have failed.
        try DurableFile.write(text, to: path)
    }
}
