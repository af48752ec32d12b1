/// Something in the exported schema the operator should know of before the import.
package struct SchemaIssue: Codable, Sendable, Equatable {
    package enum Severity: String, Codable, Sendable, CaseIterable, Comparable {
        /// The target will not take it, or its changes cannot be moved: the file must be changed.
        case blocking
        /// The migration works, and something about the object will not.
        case warning
        case info

        package static func < (left: Severity, right: Severity) -> Bool {
            allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
        }
    }

    /// The rule's own name, which stays the same when its words change: `NO_PRIMARY_KEY`.
    package let rule: String
    package let severity: Severity
    package let objectType: String
    package let object: String
    package let reason: String
    package let suggestion: String
    /// Relative to the export directory.
    package let file: String
    package let line: Int

    package init(
        rule: String, severity: Severity, objectType: String, object: String, reason: String,
        suggestion: String,
        file: String, line: Int
    ) {
        self.rule = rule
        self.severity = severity
        self.objectType = objectType
        self.object = object
        self.reason = reason
        self.suggestion = suggestion
        self.file = file
        self.line = line
    }
}
