import ArgumentParser
import Engine
import Records
import Schema

extension AnalyzeSchemaVerb {
    /// Checks the flags about decisions.
    func validateDecisions() throws {
        for (flag, values) in [("waive", waive), ("accept", accept), ("take-back", takeBack)] {
            for value in values where FindingName(value) == nil {
                throw ValidationError("--\(flag) \(value) is not RULE or RULE:OBJECT")
            }
        }
        let hasReason = reason?.isEmpty == false
        if !waive.isEmpty, !hasReason {
            throw ValidationError("--waive needs --reason: why these findings do no harm")
        }
        if hasReason, waive.isEmpty, accept.isEmpty {
            throw ValidationError("--reason belongs to --waive or --accept")
        }
    }

    /// Keeps the decisions of the flags, which each match a finding of the files as they are now.
    func decide(_ start: VerbStart, _ target: AnalysisTarget) throws {
        let change = FindingDecisions(
            decisions(.waived, waive) + decisions(.accepted, accept),
            takenBack: takeBack.compactMap { FindingName($0) })
        guard change != FindingDecisions() else { return }
        if !change.decisions.isEmpty {
            let files = SchemaFiles(exportDirectory: start.exportDirectory)
            let analysis = try analyzeSchema(files: files, target: target)
            for decision in change.decisions where !analysis.issues.contains(where: decision.covers) {
                throw VerbFailure(Self.refusal(of: decision, analysis.issues))
            }
        }
        _ = try start.migration.leave(.decideFindings(change), by: start.operatorName)
        for decision in change.decisions {
            Terminal.output.line("\(decision.kind.rawValue): \(decision.finding)")
        }
        for name in change.takenBack { Terminal.output.line("taken back: \(name)") }
    }

    private func decisions(_ kind: SchemaDecision.Kind, _ names: [String]) -> [SchemaDecision] {
        names.compactMap { FindingName($0) }.map { SchemaDecision(kind, $0, reason: reason ?? "") }
    }

    /// Why a decision cannot be made: nothing matches it, or what matches is blocking.
    private static func refusal(of decision: SchemaDecision, _ issues: [SchemaIssue]) -> String {
        if issues.contains(where: decision.finding.covers) {
            return
                "\(decision.finding) is blocking and cannot be accepted; waive it with --waive and --reason"
        }
        let objects = issues.filter { $0.rule == decision.finding.rule }.map(\.object)
        return "no finding matches \(decision.finding); "
            + (objects.isEmpty
                ? "the report lists the rules" : "the rule found: \(objects.listed(max: 5))")
    }
}
