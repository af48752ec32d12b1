import Engine
import Records

/// The lines above the tables: what the verification does, what is proved, and the last pass.
struct VerificationLines {
    let verification: VerificationStatus
    let data: ConsoleData

    init(_ verification: VerificationStatus, _ data: ConsoleData) {
        self.verification = verification
        self.data = data
    }

    var head: [PageLine] { [state, proved] + [lastPass].compactMap(\.self) }

    private var state: PageLine {
        let isAtWork = verification.processID != nil && verification.published?.waitsFor == nil
        guard isAtWork, let published = verification.published else {
            return PageLine("Verification: \(verification.state)", .textStrong)
        }
        var text = "Pass \(published.pass): \(published.rows) of about \(published.rowsEstimate) rows"
        if let rate = published.rowsPerSecond { text += ", \(integer(Int64(rate)))/s" }
        if let left = published.secondsLeft { text += ", \(duration(left)) left" }
        if let most = verification.choice.rowsPerSecondMax { text += ", at most \(most)/s" }
        return PageLine(text, .textStrong)
    }

    private var proved: PageLine {
        let (done, all) = (verification.provedTables, verification.tables.count)
        var text = "\(done) of \(counted(all, "table")) proved equal"
        if verification.openRows > 0 { text += ", without \(counted(verification.openRows, "row"))" }
        if let oldest = verification.oldestProofAt {
            text += ", the oldest \(duration(max(0, data.now - oldest))) ago"
        }
        if verification.differences > 0 {
            return PageLine(
                "✗ \(counted(verification.differences, "row")) that differ; \(text)", .statusError)
        }
        return done == all && all > 0 ? PageLine("✓ \(text)", .statusOK) : PageLine(text)
    }

    private var lastPass: PageLine? {
        verification.published?.lastPass.map { pass in
            PageLine(
                "Last pass: \(clock(pass.endedAt, utcOffset: data.utcOffset)), "
                    + "\(counted(pass.rows, "row")) in "
                    + "\(duration(max(0, pass.endedAt - pass.startedAt))), \(pass.outcome.words)", .textMuted)
        }
    }
}

extension VerifyReport.Outcome {
    /// What a pass has said, in words.
    var words: String {
        switch self {
        case .equal: "equal"
        case .differs: "rows differ"
        case .unproved: "not all proved"
        }
    }
}

extension RowDifference {
    /// The row and what differs, without values besides the key.
    func words(_ direction: Direction) -> String {
        let (origin, destination) = (direction.origin.rawValue, direction.destination.rawValue)
        let what =
            switch kind {
            case .missing: "missing on \(destination)"
            case .extra: "only on \(destination)"
            case .different: columns.isEmpty ? "differs" : "differs: " + columns.listed(max: 6)
            case .number: "\(originRows) times on \(origin), \(destinationRows) times on \(destination)"
            }
        let shown = key.values.map { ShownName.onOneLine($0) }.joined(separator: ", ")
        return "\(table) (\(shown)): \(what)"
    }

    /// The page with the values of both sides, and the SQL that mends the row.
    func details(_ direction: Direction) -> DetailsPage {
        func values(_ side: Side, _ values: [String?]?, _ token: Token) -> [PageLine] {
            guard let values else { return [PageLine("\(side.rawValue): no values are known", .textMuted)] }
            return [
                PageLine(
                    "\(side.rawValue): "
                        + values.map { $0.map { "'\(ShownName.onOneLine($0))'" } ?? "NULL" }.joined(
                            separator: ", "), token)
            ]
        }
        let lines =
            [PageLine(words(direction), .textStrong)]
            + values(direction.origin, originValues, .diffRemove)
            + values(direction.destination, destinationValues, .diffAdd)
            + (repair.isEmpty
                ? [] : [PageLine("The SQL that mends it, on the \(direction.destination.rawValue):")])
            + repair.map { PageLine($0 + ";", .sqlKeyword) }
        return DetailsPage(
            title: "A row that differs", lines: lines,
            sql: repair.isEmpty ? nil : repair.joined(separator: ";\n"))
    }
}
