import Records

extension SchemaFixes {
    /// Collects the changes that were shown. What would change otherwise now is an error, and nothing is
    /// changed then.
    package init(_ analysis: SchemaAnalysis, shown: [ShownFix]) throws(SchemaError) {
        var statements: Set<String> = []
        var found: [StatementFix] = []
        for wanted in shown {
            let fix = analysis.findings.first {
                wanted.finding.covers($0.issue) && $0.fix?.diff == wanted.diff
            }?.fix
            guard let fix else { throw .fixChanged(finding: "\(wanted.finding)") }
            if statements.insert("\(fix.file):\(fix.offset)").inserted { found.append(fix) }
        }
        self.init(fixes: found)
    }
}
