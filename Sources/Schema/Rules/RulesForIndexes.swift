extension Rule {
    /// The rules for access methods of indexes on YugabyteDB.
    static let indexes: [Rule] = methods + ginIndexes

    private static let methods: [Rule] =
        ["gist", "brin", "spgist"].map { method in
            Rule(
                "UNSUPPORTED_\(method.uppercased())_INDEX_METHOD", "\(method) indexes",
                reason: "YugabyteDB has no \(method) indexes.",
                suggestion: "Use a btree or GIN index, or drop it.",
                links: RuleLinks(db: 1337, page: "#gist-brin-and-spgist-index-types-are-not-supported"),
                search: .index { index, _ in index.method == method ? [Match(place: index.place)] : [] })
        }

    private static let ginIndexes: [Rule] = [
        Rule(
            "MULTI_COLUMN_GIN_INDEX", "GIN index on several columns",
            reason: "YugabyteDB takes a GIN index on one column only.",
            suggestion: "Make one index for each column.",
            links: RuleLinks(db: 10652, page: "#gin-indexes-on-multiple-columns-are-not-supported"),
            search: .index { index, _ in
                index.method == "gin" && index.keys.count > 1 ? [Match(place: index.place)] : []
            }),
        Rule(
            "ORDERED_GIN_INDEX", "Ordered GIN index",
            reason: "YugabyteDB takes no ASC and no DESC in a GIN index.", suggestion: "Delete the word.",
            links: RuleLinks(db: 10653, page: "#issue-in-some-unsupported-cases-of-gin-indexes"),
            search: .index { index, _ in
                index.method == "gin" && index.keys.count == 1
                    && index.keys[0].ordering != "SORTBY_DEFAULT" ? [Match(place: index.keys[0].place)] : []
            }),
    ]
}
