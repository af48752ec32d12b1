/// A mechanical change as the operator was shown it: the finding that it mends, and its diff.
package struct ShownFix: Sendable, Codable, Equatable {
    package let finding: FindingName
    package let diff: [String]

    package init(finding: FindingName, diff: [String]) {
        self.finding = finding
        self.diff = diff
    }
}
