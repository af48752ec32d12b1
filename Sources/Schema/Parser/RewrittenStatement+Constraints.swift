/// The rewriting of constraints and columns as PostgreSQL has them from version 18 on.
extension RewrittenStatement {
    mutating func rewriteGenerated() {
        for at in tokens.indices where isAt(at, ["generated", "always", "as", "("]) {
            let end = close(at + 3)
            if word(end + 1, "stored") { continue }
            note("GENERATED ALWAYS AS … VIRTUAL", .postgreSQL(18), at, .virtualColumn)
            blank(at...(word(end + 1, "virtual") ? end + 1 : end))
        }
    }

    mutating func rewriteConstraints() {
        for at in tokens.indices {
            if isAt(at, ["not", "enforced"]) {
                note("NOT ENFORCED", .postgreSQL(18), at)
                blank(at...(at + 1))
            } else if word(at, "enforced"), at > 0, tokens[at - 1].isKeyword(")") {
                note("ENFORCED", .postgreSQL(18), at)
                blank(at...at)
            } else if isAt(at, ["without", "overlaps"]) {
                note("WITHOUT OVERLAPS", .postgreSQL(18), at)
                blank(at...(at + 1))
            } else if isAt(at, ["foreign", "key", "("]) {
                rewritePeriod(open: at + 2)
            } else if word(at, "references") {
                guard let open = nameEnd(at + 1), word(open, "(") else { continue }
                rewritePeriod(open: open)
            } else if isAt(at, ["not", "null"]), isTable {
                rewriteNotNull(at)
            }
        }
    }

    /// Removes PERIOD from the columns of a foreign key: it is before the last of several.
    private mutating func rewritePeriod(open: Int) {
        for at in (open + 1)..<close(open)
        where word(at, "period") && word(at - 1, ",") && tokens[at + 1].isName {
            note("PERIOD", .postgreSQL(18), at)
            blank(at...at)
        }
    }

    /// Replaces NOT NULL as a constraint of a table by a check, which takes the same words after it, and
    /// removes NO INHERIT from that of a column.
    private mutating func rewriteNotNull(_ at: Int) {
        let before = word(at - 2, "constraint") ? at - 3 : at - 1
        let isOfTable =
            tokens.indices.contains(before)
            && (tokens[before].isKeyword("(") || tokens[before].isKeyword(",") || word(before, "add"))
        if isOfTable, tokens.indices.contains(at + 2), tokens[at + 2].isName {
            note("NOT NULL as a constraint of a table", .postgreSQL(18), at)
            replace(at...(at + 2), "check(1)")
        } else if isAt(at + 2, ["no", "inherit"]) {
            note("NOT NULL … NO INHERIT", .postgreSQL(18), at)
            blank((at + 2)...(at + 3))
        }
    }

    /// Whether the statement creates or alters a table.
    private var isTable: Bool {
        (word(0, "create") || word(0, "alter")) && tokens.prefix(4).contains { $0.isKeyword("table") }
    }

    /// Returns the token after a name, with or without its schema.
    private func nameEnd(_ start: Int) -> Int? {
        guard tokens.indices.contains(start), tokens[start].isName else { return nil }
        var at = start + 1
        while word(at, "."), tokens.indices.contains(at + 1), tokens[at + 1].isName { at += 2 }
        return at
    }
}
