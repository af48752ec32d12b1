import Journal
import Records

/// The plan of a request as the operator saw it. It is kept with the request, and compared when the request
/// is performed.
package struct SeenPlan: Codable, Sendable, Equatable {
    package let hash: PlanHash
    package let lines: [PlanLine]

    package init(_ lines: [PlanLine]) {
        hash = PlanHash(lines)
        self.lines = lines
    }

    /// What keeps a plan: a request that the worker performs, a cutover, or the start.
    enum Owner {
        case request(Int64)
        /// A cutover, by its token.
        case cutover(String)
        case start

        /// The owner of the plan of a request that was just settled.
        init(of request: Request, _ id: Int64, _ record: MigrationRecord) {
            switch request {
            case .startLiveMigration: self = .start
            case .initiateCutover: self = record.cutovers.last.map { .cutover($0.token) } ?? .request(id)
            case .checkDatabases, .mendChecks, .exportSchema, .analyzeSchema, .decideFindings, .fixFindings,
                .importSchema, .chooseTables,
                .pause, .resume, .setApplyMode, .setDiskLimits, .approveRelease, .abortCutover,
                .setErrorPolicy, .retryTable, .excludeTable, .acceptDifferences, .acknowledge, .endSession,
                .endMigration, .setVerification, .stopWorker:
                self = .request(id)
            }
        }

        var key: String {
            switch self {
            case .request(let id): "seen_plan.request.\(id)"
            case .cutover(let token): "seen_plan.cutover.\(token)"
            case .start: "seen_plan.start"
            }
        }
    }

    /// Throws `PlanHasChanged` if other statements would run now.
    ///
    /// - Parameter side: the side whose statements are compared; nil for all
    func compare(with present: [PlanLine], on side: Side? = nil) throws(PlanHasChanged) {
        guard side != nil || hash != PlanHash(present) else { return }
        let unread = Set(lines.filter { $0.kind == .unread }.map { Place($0.side, $0.step) })
        func compared(_ lines: [PlanLine]) -> [PlanLine] {
            lines.filter {
                $0.kind != .unread && (side == nil || $0.side == side)
                    && !unread.contains(Place($0.side, $0.step))
            }
        }
        let (before, now) = (compared(lines), compared(present))
        guard PlanHash(before) != PlanHash(now) else { return }
        throw PlanHasChanged(seen: hash, present: PlanHash(present), before: before, now: now)
    }

    /// Throws `PlanHasChanged` if a fix would run a statement that was not shown. A fix that is no longer
    /// needed changes nothing.
    func compareFix(_ present: [PlanLine]) throws(PlanHasChanged) {
        guard !present.allSatisfy(lines.contains) else { return }
        throw PlanHasChanged(seen: hash, present: PlanHash(present), before: lines, now: present)
    }

    /// A step on a side.
    private struct Place: Hashable {
        let side: Side?
        let step: String

        init(_ side: Side?, _ step: String) {
            self.side = side
            self.step = step
        }
    }
}

/// A request is refused, because other statements would run than those that the operator saw.
package struct PlanHasChanged: Error, Sendable, Equatable, CustomStringConvertible {
    package let seen: PlanHash
    package let present: PlanHash
    /// The statements that would run now and were not shown.
    package let added: [String]
    /// The statements that were shown and would not run.
    package let removed: [String]

    /// Statements of each kind that the message names.
    private static let namedMax = 3
    /// Characters of a statement in the message.
    private static let charactersMax = 160

    init(seen: PlanHash, present hash: PlanHash, before: [PlanLine], now: [PlanLine]) {
        self.seen = seen
        present = hash
        func texts(_ lines: [PlanLine]) -> [String] {
            lines.flatMap { line in line.texts.map { "\(line.side.map { "\($0.rawValue): " } ?? "")\($0)" } }
        }
        let (before, now) = (texts(before), texts(now))
        let (known, present) = (Set(before), Set(now))
        added = now.filter { !known.contains($0) }
        removed = before.filter { !present.contains($0) }
    }

    package var description: String {
        var changes: [String] = []
        if !added.isEmpty { changes.append("new are \(Self.named(added))") }
        if !removed.isEmpty { changes.append("gone are \(Self.named(removed))") }
        if changes.isEmpty { changes.append("the order, or what takes a statement back, is another") }
        return "the plan has changed since it was shown (\(seen) then, \(present) now): "
            + changes.joined(separator: "; ") + "; look at it again, then ask again"
    }

    private static func named(_ texts: [String]) -> String {
        let shown = texts.prefix(namedMax).map { text in
            let line = ShownName.onOneLine(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
            return "\"\(line.prefix(charactersMax))\(line.count > charactersMax ? "…" : "")\""
        }
        return shown.joined(separator: ", ")
            + (texts.count > namedMax ? " and \(texts.count - namedMax) more" : "")
    }
}

extension RoleContext {
    /// Returns the plan that was seen; nil if none was shown.
    func seenPlan(_ owner: SeenPlan.Owner) throws -> SeenPlan? {
        try journal.document(SeenPlan?.self, key: owner.key) ?? nil
    }
}
