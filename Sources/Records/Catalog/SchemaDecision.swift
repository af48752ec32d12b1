/// Names findings of the schema analysis: those of a rule about one object, or about all.
package struct FindingName: Sendable, Codable, Hashable {
    package let rule: String
    /// The object as the analysis names it; nil for every object.
    package let object: String?

    package init(rule: String, object: String? = nil) {
        self.rule = rule
        self.object = object
    }

    /// Reads `RULE` or `RULE:OBJECT`; nil if there is no rule.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let rule = parts.first, !rule.isEmpty else { return nil }
        let object = parts.count > 1 ? String(parts[1]) : nil
        guard object?.isEmpty != true else { return nil }
        self.init(rule: rule.uppercased(), object: object)
    }

    /// Whether the finding is one of these. The name of a table also names what is found about its
    /// constraints.
    package func covers(_ issue: SchemaIssue) -> Bool {
        guard issue.rule == rule else { return false }
        guard let object else { return true }
        return issue.object == object || issue.object.hasPrefix(object + ", constraint: (")
    }
}

extension FindingName: CustomStringConvertible {
    /// `RULE:OBJECT`, as the operator types it.
    package var description: String { object.map { "\(rule):\($0)" } ?? rule }
}

/// What the operator has decided about findings of the schema analysis, with who, when and why.
package struct SchemaDecision: Sendable, Codable, Equatable {
    /// The kind of decision.
    package enum Kind: String, Sendable, Codable {
        /// A warning or a note was read, and is set aside. It covers no blocking finding.
        case accepted
        /// The finding stops nothing, whatever its severity. A reason is required.
        case waived
    }

    package let kind: Kind
    package let finding: FindingName
    package let reason: String
    package var by: String
    /// Seconds since 1970.
    package var at: Double

    package init(_ kind: Kind, _ finding: FindingName, reason: String = "", by: String = "", at: Double = 0) {
        self.kind = kind
        self.finding = finding
        self.reason = reason
        self.by = by
        self.at = at
    }

    package func covers(_ issue: SchemaIssue) -> Bool {
        switch kind {
        case .accepted: issue.severity != .blocking && finding.covers(issue)
        case .waived: finding.covers(issue)
        }
    }

    /// `waived by ada@host console: the application never writes it`
    package var words: String {
        "\(kind.rawValue) by \(by.isEmpty ? "nobody" : by)" + (reason.isEmpty ? "" : ": \(reason)")
    }
}

/// All decisions about the findings of one migration, as their file has them.
package struct SchemaDecisions: Sendable, Codable, Equatable {
    /// The version of the file's form.
    package let version: Int
    package private(set) var decisions: [SchemaDecision]

    /// The version that this program writes.
    package static let formVersion = 1

    package init(_ decisions: [SchemaDecision] = []) {
        version = Self.formVersion
        self.decisions = decisions
    }

    /// Returns the decision about a finding: one about its object goes before one about its rule. Nil if
    /// there is none.
    package func decision(about issue: SchemaIssue) -> SchemaDecision? {
        let found = decisions.filter { $0.covers(issue) }
        return found.first { $0.finding.object != nil } ?? found.first
    }

    /// Returns the decisions that cover none of these findings.
    package func withoutFinding(among issues: [SchemaIssue]) -> [SchemaDecision] {
        decisions.filter { decision in !issues.contains(where: decision.covers) }
    }

    /// Adds decisions. An older one with the same name is replaced.
    package mutating func take(_ added: [SchemaDecision]) {
        let names = Set(added.map(\.finding))
        decisions = decisions.filter { !names.contains($0.finding) } + added
    }

    /// Removes the decisions with these names; returns the names that have none.
    package mutating func takeBack(_ names: [FindingName]) -> [FindingName] {
        let unknown = names.filter { name in !decisions.contains { $0.finding == name } }
        decisions.removeAll { names.contains($0.finding) }
        return unknown
    }
}
