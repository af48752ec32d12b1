/// Something in the exported schema that the operator should know of before the import.
package struct SchemaIssue: Codable, Sendable, Equatable {
    /// The severity of an issue.
    package enum Severity: String, Codable, Sendable, CaseIterable, Comparable {
        /// The target refuses the object, or its changes cannot be moved: the file must be changed.
        case blocking
        /// The migration works, but something about the object will not.
        case warning
        case info

        package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .blocking: 0
            case .warning: 1
            case .info: 2
            }
        }
    }

    /// The rule's own name, which stays the same when its words change: `NO_PRIMARY_KEY`. Empty if an older
    /// version found the issue.
    package let rule: String
    package let severity: Severity
    package let objectType: String
    package let object: String
    package let reason: String
    package let suggestion: String
    /// The file's path, relative to the export directory.
    package let file: String
    /// The line in the file; 0 if it is unknown.
    package let line: Int
    /// The column of the line, in characters from 1; 0 if it is unknown.
    package let column: Int

    package init(
        rule: String, severity: Severity, objectType: String, object: String, reason: String,
        suggestion: String, file: String, line: Int, column: Int = 0
    ) {
        self.rule = rule
        self.severity = severity
        self.objectType = objectType
        self.object = object
        self.reason = reason
        self.suggestion = suggestion
        self.file = file
        self.line = line
        self.column = column
    }

    /// `schema/tables/table.sql:12`
    package var place: String { line > 0 ? "\(file):\(line)" : file }
}

// MARK: Journals of older versions

extension SchemaIssue {
    /// Reads an issue, also in the form that older versions keep in the journal: without a rule, with the
    /// severity as the state of a check, and with the line at the end of the file.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let file = try values.decode(String.self, forKey: .file)
        let line = try values.decodeIfPresent(Int.self, forKey: .line)
        let (path, lineInFile) = line.map { (file, $0) } ?? Self.split(file)
        self.init(
            rule: try values.decodeIfPresent(String.self, forKey: .rule) ?? "",
            severity: try Self.severity(in: values),
            objectType: try values.decode(String.self, forKey: .objectType),
            object: try values.decode(String.self, forKey: .object),
            reason: try values.decode(String.self, forKey: .reason),
            suggestion: try values.decode(String.self, forKey: .suggestion), file: path, line: lineInFile,
            column: try values.decodeIfPresent(Int.self, forKey: .column) ?? 0)
    }

    private static func severity(in values: KeyedDecodingContainer<CodingKeys>) throws -> Severity {
        switch try values.decode(String.self, forKey: .severity) {
        case "failure": .blocking
        case "ok": .info
        case let word:
            if let severity = Severity(rawValue: word) {
                severity
            } else {
                throw DecodingError.dataCorruptedError(
                    forKey: .severity, in: values, debugDescription: "unknown severity \(word)")
            }
        }
    }

    private static func split(_ place: String) -> (file: String, line: Int) {
        guard let colon = place.lastIndex(of: ":"), let line = Int(place[place.index(after: colon)...]) else {
            return (place, 0)
        }
        return (String(place[..<colon]), line)
    }
}
