import Records

/// Reads the files as they are now and returns what the analysis finds in them.
///
/// A file or a statement that cannot be read is a finding; all others are analysed.
package func analyzeSchema(files: SchemaFiles, target: AnalysisTarget) throws(SchemaError) -> SchemaAnalysis {
    let read = try files.readableScripts()
    var analysis = schemaAnalysis(of: read.scripts, unreadable: read.unreadable, target: target)
    analysis.decisions = try files.readDecisions()
    return analysis
}

/// Returns the analysis of files that were read already.
func schemaAnalysis(
    of scripts: [SchemaScript], unreadable: [UnreadablePart] = [], target: AnalysisTarget
) -> SchemaAnalysis {
    var statements: [ParsedStatement] = []
    for object in scripts.flatMap(\.objects) {
        for statement in object.statements {
            statements.append(ParsedStatement(statement, number: statements.count, in: object))
        }
    }
    let search = RuleSearch(
        statements: statements, model: ModelReader.model(of: statements), target: target)
    let findings = (unreadable.map(\.finding) + search.findings()).enumerated().sorted { left, right in
        let (one, other) = (left.element.issue.severity, right.element.issue.severity)
        return one == other ? left.offset < right.offset : one < other
    }.map(\.element)
    return SchemaAnalysis(
        target: target, findings: findings, objects: objectCounts(statements, findings),
        schemas: Set(search.model.tables.keys.map(\.schema.text)).sorted(),
        hasUncategorized: statements.contains { $0.type == .uncategorized })
}

private func objectCounts(_ statements: [ParsedStatement], _ findings: [SchemaFinding])
    -> [SchemaAnalysis.ObjectCount]
{
    var order: [String] = []
    var names: [String: [String]] = [:]
    for object in statements.map(\.object) where object.isCreated {
        if names[object.type] == nil { order.append(object.type) }
        names[object.type, default: []].append(object.name)
    }
    var found: [String: Set<String>] = [:]
    for issue in findings.map(\.issue) {
        // A constraint is part of its table.
        let name = issue.object.split(separator: ", constraint: (").first.map(String.init) ?? issue.object
        found[issue.objectType, default: []].insert(name)
    }
    return order.map { type in
        SchemaAnalysis.ObjectCount(
            type: type, names: names[type] ?? [], withFindings: found[type]?.count ?? 0)
    }
}
