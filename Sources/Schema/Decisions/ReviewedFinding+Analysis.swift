import Records

extension SchemaAnalysis {
    /// The findings with all that an operator reads to decide about them.
    func reviewed(at moment: Double) -> ReviewedAnalysis {
        ReviewedAnalysis(
            at: moment, target: "\(target.product) \(target.version)",
            objects: objects.reduce(0) { $0 + $1.names.count }, findings: findings.map(\.reviewed))
    }

    /// What the operator has decided about a finding; nil if nothing.
    func decision(about finding: SchemaFinding) -> SchemaDecision? {
        decisions.decision(about: finding.issue)
    }

    /// The decisions that cover no finding.
    package var decisionsWithoutFinding: [SchemaDecision] { decisions.withoutFinding(among: issues) }

    /// The findings about which nothing was decided.
    package var openIssues: [SchemaIssue] { issues.filter { decisions.decision(about: $0) == nil } }
}

extension SchemaFinding {
    /// The finding as the console shows it.
    var reviewed: ReviewedFinding {
        ReviewedFinding(
            issue, title: title, statement: excerpt,
            links: [links.issue, links.page].filter { !$0.isEmpty }, diff: fix?.diff ?? [])
    }

    /// The statement in three parts, of which the middle one is the word at the place of the finding.
    var marked: (before: String, mark: String, after: String) {
        let bytes = Array(sql.utf8)
        let start = min(max(offset, 0), bytes.count)
        let isBlank = { (byte: UInt8) in byte <= UInt8(ascii: " ") || byte == UInt8(ascii: ",") }
        let end = bytes[start...].firstIndex(where: isBlank) ?? bytes.count
        let text = { (range: Range<Int>) in String(decoding: bytes[range], as: UTF8.self) }
        return (text(0..<start), text(start..<end), text(end..<bytes.count))
    }

    /// Bytes of a statement that are kept before the place of a finding, and after it.
    private static let excerptBytesMax = 2048

    private var excerpt: StatementExcerpt {
        let (before, mark, after) = marked
        let kept = Self.tail(of: before)
        return StatementExcerpt(
            before: kept, mark: String(mark.prefix(Self.excerptBytesMax)), after: Self.head(of: after),
            firstLine: issue.line == 0 ? 0 : issue.line - kept.utf8.count { $0 == UInt8(ascii: "\n") })
    }

    /// The last lines that fit.
    private static func tail(of text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.count > excerptBytesMax else { return text }
        let part = bytes.suffix(excerptBytesMax)
        let start = part.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? part.startIndex
        return String(decoding: bytes[start...], as: UTF8.self)
    }

    /// The first lines that fit.
    private static func head(of text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.count > excerptBytesMax else { return text }
        let part = bytes.prefix(excerptBytesMax)
        let end = part.lastIndex(of: UInt8(ascii: "\n")) ?? part.endIndex
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
