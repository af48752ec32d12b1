import Records

/// The search for what the rules describe, in all statements of a schema.
struct RuleSearch {
    let statements: [ParsedStatement]
    let model: SchemaModel
    let target: AnalysisTarget

    /// Where a rule found something: one finding for each of these, however many details it has.
    private struct Spot: Hashable {
        let rule: String
        let statement: Int
        let constraint: String?
        /// The table that the finding is about, if it may be a partition.
        let table: QualifiedName?
    }

    /// What a rule found at a spot.
    private struct Hit {
        let rule: Rule
        let spot: Spot
        var details: [String]
        let offset: Int
        let severity: SchemaIssue.Severity

        /// Whether its fix may delete the statement that creates an object.
        var deletesItsObject: Bool { rule.fix == .deleteStatement }
    }

    func findings() -> [SchemaFinding] {
        var hits: [Hit] = []
        var places: [Spot: Int] = [:]
        let take = { (rule: Rule, match: Match, statement: Int, table: QualifiedName?) in
            let number = match.place?.statement ?? statement
            let spot = Spot(
                rule: rule.id, statement: number, constraint: match.constraint, table: table)
            if let place = places[spot] {
                if !match.detail.isEmpty, !hits[place].details.contains(match.detail) {
                    hits[place].details.append(match.detail)
                }
            } else {
                places[spot] = hits.count
                hits.append(
                    Hit(
                        rule: rule, spot: spot, details: match.detail.isEmpty ? [] : [match.detail],
                        offset: match.place?.offset ?? match.offset ?? 0,
                        severity: match.severity ?? rule.severity))
            }
        }
        search(take)
        let shown = kept(hits).sorted {
            ($0.spot.statement, $0.offset) < ($1.spot.statement, $1.offset)
        }
        let mentions = shown.contains(where: \.deletesItsObject) ? NameMentions(statements) : nil
        return shown.map { finding($0, mentions) }
    }

    // MARK: The search

    private typealias StatementSearch = @Sendable (Node, Subject) -> [Match]
    private typealias NodeSearch = @Sendable (Node, Subject) -> Match?

    private func search(_ take: (Rule, Match, Int, QualifiedName?) -> Void) {
        let rules = Rule.rules(for: target)
        let byStatement = Self.byKind(rules) { search -> ([String], StatementSearch)? in
            guard case .statement(let kinds, let find) = search else { return nil }
            return (kinds, find)
        }
        let byNode = Self.byKind(rules) { search -> ([String], NodeSearch)? in
            guard case .node(let kinds, let find) = search else { return nil }
            return (kinds, find)
        }
        for statement in statements {
            let subject = Subject(statement: statement, model: model, target: target)
            searchTokens(rules, subject, take)
            for later in statement.later { search(later, shift: 0, rules, statement.number, take) }
            guard let tree = statement.tree else { continue }
            for (rule, find) in byStatement[tree.kind] ?? [] {
                for match in find(tree, subject) { take(rule, match, statement.number, nil) }
            }
            search(tree, byNode, subject, shift: 0, take)
            for query in statement.queries {
                search(query.tree, byNode, subject, shift: query.offset, take)
                for later in query.later { search(later, shift: query.offset, rules, statement.number, take) }
            }
        }
        searchModel(rules, take)
    }

    private func search(
        _ tree: Node, _ rules: [String: [(Rule, NodeSearch)]], _ subject: Subject,
        shift: Int,
        _ take: (Rule, Match, Int, QualifiedName?) -> Void
    ) {
        tree.walk { node in
            guard let found = rules[node.kind] else { return }
            for (rule, find) in found {
                guard var match = find(node, subject) else { continue }
                match.offset = shift + (match.offset ?? 0)
                take(rule, match, subject.statement.number, nil)
            }
        }
    }

    private func search(
        _ later: LaterSyntax, shift: Int, _ rules: [Rule], _ number: Int,
        _ take: (Rule, Match, Int, QualifiedName?) -> Void
    ) {
        for rule in rules {
            guard case .later(let find) = rule.search, var match = find(later, target) else { continue }
            match.offset = shift + (match.offset ?? 0)
            take(rule, match, number, nil)
        }
    }

    private func searchTokens(
        _ rules: [Rule], _ subject: Subject, _ take: (Rule, Match, Int, QualifiedName?) -> Void
    ) {
        for rule in rules {
            guard case .tokens(let find) = rule.search, let match = find(subject.statement.statement, subject)
            else { continue }
            take(rule, match, subject.statement.number, nil)
        }
    }

    private func searchModel(_ rules: [Rule], _ take: (Rule, Match, Int, QualifiedName?) -> Void) {
        for name in model.tableNames {
            guard let table = model.tables[name] else { continue }
            for rule in rules {
                guard case .table(let find) = rule.search else { continue }
                for match in find(table, model) { take(rule, match, table.place.statement, name) }
            }
        }
        for index in model.indexes {
            for rule in rules {
                guard case .index(let find) = rule.search else { continue }
                for match in find(index, model) { take(rule, match, index.place.statement, index.table) }
            }
        }
    }

    private static func byKind<Find>(_ rules: [Rule], _ read: (Rule.Search) -> ([String], Find)?)
        -> [String: [(Rule, Find)]]
    {
        var found: [String: [(Rule, Find)]] = [:]
        for rule in rules {
            guard let (kinds, find) = read(rule.search) else { continue }
            for kind in kinds { found[kind, default: []].append((rule, find)) }
        }
        return found
    }

    // MARK: What is kept

    /// Leaves out what another rule reports for the same statement, and what a partition has from its root.
    private func kept(_ hits: [Hit]) -> [Hit] {
        var rules: [Int: Set<String>] = [:]
        var roots: Set<[String]> = []
        for hit in hits {
            rules[hit.spot.statement, default: []].insert(hit.spot.rule)
            if let table = hit.spot.table, !model.isPartition(table) {
                roots.insert([hit.spot.rule, "\(table)"] + hit.details)
            }
        }
        return hits.filter { hit in
            guard rules[hit.spot.statement]?.isDisjoint(with: hit.rule.unless) ?? true else { return false }
            guard let table = hit.spot.table.flatMap({ model.tables[$0] }), table.parent != nil else {
                return true
            }
            return !roots.contains([hit.spot.rule, "\(model.root(of: table).name)"] + hit.details)
        }
    }

    private func finding(_ hit: Hit, _ mentions: NameMentions?) -> SchemaFinding {
        let statement = statements[hit.spot.statement]
        let position = statement.statement.position(of: hit.offset)
        let object = statement.object
        let constraint = hit.spot.constraint.map { ", constraint: (\($0))" } ?? ""
        var suggestion = hit.rule.suggestion
        if case .yugabyteDB(let release) = target, let note = hit.rule.fixed.note(for: release) {
            suggestion += " " + note
        }
        let isInRoutine = hit.rule.category == .query && ["FUNCTION", "PROCEDURE"].contains(object.type)
        return SchemaFinding(
            issue: SchemaIssue(
                rule: hit.rule.id, severity: hit.severity, objectType: object.type,
                object: object.name + constraint,
                reason: Self.sentence(hit.rule.reason, hit.details), suggestion: suggestion,
                file: statement.file, line: position.line, column: position.column),
            title: hit.rule.title, category: isInRoutine ? .routine : hit.rule.category,
            impact: hit.rule.impact, sql: statement.statement.text, offset: hit.offset,
            links: hit.rule.links, fixed: hit.rule.fixed, fix: fix(hit, statement, mentions))
    }

    private func fix(_ hit: Hit, _ statement: ParsedStatement, _ mentions: NameMentions?) -> StatementFix? {
        // What refers to an object must not be left without it.
        if statement.object.isCreated, hit.rule.fix == .deleteStatement,
            mentions?.isNamedElsewhere(statement) ?? true
        {
            return nil
        }
        guard let ranges = hit.rule.fix?.ranges(in: statement, at: hit.offset), !ranges.isEmpty else {
            return nil
        }
        return StatementFix(
            file: statement.file, line: statement.statement.line, offset: statement.statement.offset,
            sql: statement.statement.text, ranges: ranges)
    }

    /// Puts the details in the place of the `%`. If there are none, what leads to the `%` goes, too.
    private static func sentence(_ reason: String, _ details: [String]) -> String {
        if details.isEmpty { return reason.replacing(": %.", with: ".").replacing("%", with: "…") }
        return reason.replacing("%", with: details.joined(separator: ", "))
    }
}

extension Rule {
    /// The names of all rules, whatever the target.
    static var allIDs: Set<String> {
        let all =
            [unparsed] + syntax + everyTarget + performance + tables + types + indexes + indexTypes
            + constraintTypes
        return Set((all + objects + queries + statements + hotspots + offers + postgreSQL).map(\.id))
    }

    /// The rules for a target, in the order in which they are asked.
    static func rules(for target: AnalysisTarget) -> [Rule] {
        let common = [unparsed] + syntax + everyTarget + performance
        switch target {
        case .yugabyteDB(let release):
            let all = tables + types + indexes + indexTypes + constraintTypes + objects + queries + statements
            return common + (all + hotspots).filter { !$0.fixed.contains(release) }
        case .postgreSQL(let major, _):
            let shared = (tables + objects).filter {
                $0.id == "FOREIGN_TABLE" || $0.id == "POLICY_WITH_ROLES"
            }
            return common + shared + offers
                + postgreSQL.filter { rule in
                    guard let first = rule.fixed.general.first.flatMap({ Release($0) }) else { return true }
                    return major.map { $0 < first.numbers[0] } ?? false
                }
        }
    }
}
