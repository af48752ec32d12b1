import Records

/// A file of the schema, or the rest of one, that cannot be read.
struct UnreadablePart: Equatable, Sendable {
    let file: String
    let line: Int
    let type: SchemaObjectType
    /// Why it cannot be read, as a part of a sentence.
    let reason: String

    init(file: String, line: Int, type: SchemaObjectType, reason: String) {
        self.file = file
        self.line = line
        self.type = type
        self.reason = reason
    }

    init(file: String, type: SchemaObjectType, fault: SchemaScript.Fault) {
        switch fault {
        case .unterminated(let line, let what):
            self.init(file: file, line: line, type: type, reason: "\(what) that begins here has no end")
        case .psqlCommand(let line):
            self.init(file: file, line: line, type: type, reason: "it is a command of psql")
        }
    }

    var finding: SchemaFinding {
        let rule = Rule.unparsed
        return SchemaFinding(
            issue: SchemaIssue(
                rule: rule.id, severity: rule.severity, objectType: type.rawValue, object: file,
                reason: "The file cannot be read here: \(reason).", suggestion: "Correct the file.",
                file: file, line: line, column: 1),
            title: rule.title, category: rule.category, impact: rule.impact, sql: "", offset: 0,
            links: rule.links, fixed: rule.fixed, fix: nil)
    }
}

extension SchemaFiles {
    /// Reads and splits the existing files, as `scripts()` does, up to the first fault of each.
    func readableScripts() throws(SchemaError) -> (scripts: [SchemaScript], unreadable: [UnreadablePart]) {
        guard hasExport else { throw .notExported(directory: exportDirectory) }
        var scripts: [SchemaScript] = []
        var unreadable: [UnreadablePart] = []
        for type in SchemaObjectType.allCases where DurableFile.exists(path(of: type)) {
            let file = "schema/" + type.path
            let bytes = try DurableFile.bytes(path(of: type))
            if let line = bytes.lineThatIsNotUTF8 {
                unreadable.append(
                    UnreadablePart(file: file, line: line, type: type, reason: "it is not in UTF-8"))
            }
            let read = SchemaScript.read(
                text: String(decoding: bytes, as: UTF8.self), file: file, type: type)
            scripts.append(read.script)
            unreadable += read.faults.map { UnreadablePart(file: file, type: type, fault: $0) }
        }
        return (scripts, unreadable)
    }
}

extension [UInt8] {
    /// The first line with a byte that is not UTF-8; nil if all are.
    var lineThatIsNotUTF8: Int? {
        if String(validating: self, as: UTF8.self) != nil { return nil }
        var line = 1
        for part in split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { return line }
            line += 1
        }
        return line
    }
}
