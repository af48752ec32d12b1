import Records

/// One rule of the analysis: its name, its texts, the releases that need it, and how it finds its subject.
struct Rule: Sendable {
    /// The kind of finding, with yb-voyager's word in its reports.
    enum Category: String, Sendable {
        case feature = "unsupported_features"
        case type = "unsupported_datatypes"
        case routine = "unsupported_plpgsql_objects"
        case caveat = "migration_caveats"
        case performance = "performance_optimizations"
        case query = "unsupported_query_constructs"
    }

    /// How much work a finding is likely to be.
    enum Impact: Int, Sendable {
        case low = 1
        case medium
        case high

        /// yb-voyager's word.
        var word: String { "LEVEL_\(rawValue)" }
    }

    /// How a rule finds its subject.
    enum Search: Sendable {
        /// In the outermost node of a statement, if it is of one of these kinds.
        case statement([String], @Sendable (Node, Subject) -> [Match])
        /// In every node of these kinds, also in the queries of functions.
        case node([String], @Sendable (Node, Subject) -> Match?)
        case table(@Sendable (DefinedTable, SchemaModel) -> [Match])
        case index(@Sendable (DefinedIndex, SchemaModel) -> [Match])
        /// In what PostgreSQL 15 does not know.
        case later(@Sendable (LaterSyntax, AnalysisTarget) -> Match?)
        /// In the tokens of a statement, whether it is parsed or not.
        case tokens(@Sendable (SQLStatement, Subject) -> Match?)
    }

    let id: String
    /// A short name of the construct.
    let title: String
    let category: Category
    let severity: SchemaIssue.Severity
    let impact: Impact
    /// One sentence; a `%` in it stands for what was found.
    let reason: String
    let suggestion: String
    let fixed: FixedReleases
    let links: RuleLinks
    /// The rules that report the same cause: where one of them finds the object, this one is silent.
    let unless: Set<String>
    let search: Search

    init(
        _ id: String, _ title: String, category: Category = .feature,
        severity: SchemaIssue.Severity = .blocking,
        impact: Impact = .low, reason: String, suggestion: String, fixed: FixedReleases = .none,
        links: RuleLinks = RuleLinks(), unless: Set<String> = [], search: Search
    ) {
        self.id = id
        self.title = title
        self.category = category
        self.severity = severity
        self.impact = impact
        self.reason = reason
        self.suggestion = suggestion
        self.fixed = fixed
        self.links = links
        self.unless = unless
        self.search = search
    }
}

/// What a rule can ask of the statement that it looks at.
struct Subject: Sendable {
    let statement: ParsedStatement
    let model: SchemaModel
    let target: AnalysisTarget
}

/// What a rule found, and where.
struct Match: Equatable, Sendable {
    /// What stands in place of the `%` of the reason; empty if there is none.
    var detail = ""
    /// Nil for the beginning of the statement.
    var place: Place?
    /// The byte of the statement or of the query in it, if a rule knows no more.
    var offset: Int?
    /// The constraint that the finding is about.
    var constraint: String?
    /// Nil for the rule's own.
    var severity: SchemaIssue.Severity?

    static let here = Match()
}

/// Where to read more about a construct.
struct RuleLinks: Equatable, Sendable {
    let issue: String
    let page: String

    /// Makes the links of an issue of YugabyteDB (`db`) or of yb-voyager (`voyager`), and of an anchor on the
    /// page of known issues, or of another page.
    init(db: Int? = nil, voyager: Int? = nil, page: String? = nil) {
        let project = db == nil ? "yb-voyager" : "yugabyte-db"
        issue = (db ?? voyager).map { "https://github.com/yugabyte/\(project)/issues/\($0)" } ?? ""
        let pages = "https://docs.yugabyte.com/preview/yugabyte-voyager/known-issues/"
        self.page = page.map { $0.hasPrefix("#") ? pages + "postgresql/" + $0 : $0 } ?? ""
    }

    /// The links of what PostgreSQL 12 and later have.
    static let later = RuleLinks(db: 25575, page: "#postgresql-12-and-later-features")
}
