import Engine
import Records

/// The guides, one for each group of phases, in the operator's order.
package enum GuideKind: String, CaseIterable, Sendable {
    case prepare = "Prepare"
    case schema = "Schema"
    case liveMigration = "Live migration"
    case cutoverToTarget = "Cutover to target"
    case cutoverToSource = "Cutover to source"
    case end = "End"

    /// The guide whose result ends a phase.
    package init(for phase: Phase) {
        switch phase {
        case .prepare: self = .prepare
        case .schema: self = .schema
        case .snapshot, .streaming: self = .liveMigration
        case .cutoverToTarget: self = .cutoverToTarget
        case .fallBack, .cutoverToSource: self = .cutoverToSource
        case .complete, .ended: self = .end
        }
    }

    /// The guide of the next cutover.
    package static func cutover(in phase: Phase) -> GuideKind {
        switch phase {
        case .prepare, .schema, .snapshot, .streaming, .cutoverToTarget: .cutoverToTarget
        case .fallBack, .cutoverToSource, .complete, .ended: .cutoverToSource
        }
    }

    /// The side that a cutover guide moves the application to; nil for other guides.
    package var cutoverSide: Side? {
        switch self {
        case .cutoverToTarget: .target
        case .cutoverToSource: .source
        case .prepare, .schema, .liveMigration, .end: nil
        }
    }

    /// The guide so many places further on; the first and the last one are the ends.
    package func neighbour(_ step: Int) -> GuideKind {
        let all = GuideKind.allCases
        let index = all.firstIndex(of: self) ?? 0
        return all[min(max(0, index + step), all.count - 1)]
    }

    /// Titles of the requests whose newest records the guide shows.
    package var titles: [String] {
        switch self {
        case .prepare: [Request.checkDatabases.title]
        case .schema:
            [
                Request.exportSchema(startClean: false).title, Request.analyzeSchema.title,
                Request.importSchema(ImportSchemaOptions()).title,
            ]
        case .liveMigration:
            [
                Request.startLiveMigration(jobs: 1).title,
                Request.importSchema(ImportSchemaOptions(postSnapshotImport: true)).title,
            ]
        case .cutoverToTarget: [Request.initiateCutover(CutoverOptions(to: .target)).title]
        case .cutoverToSource: [Request.initiateCutover(CutoverOptions(to: .source)).title]
        case .end: ["end migration"]
        }
    }
}

/// The five steps of a guide.
package enum GuideStep: Int, CaseIterable, Sendable {
    case ask
    case check
    case plan
    case act
    case result

    package var title: String {
        switch self {
        case .ask: "Ask"
        case .check: "Check"
        case .plan: "Plan"
        case .act: "Do"
        case .result: "Result"
        }
    }
}

/// The operator's position in one guide. A crash may lose it: the engine stores the answers that matter, and
/// a request under way is found again by its title.
package struct Guide: Equatable, Sendable {
    package let kind: GuideKind
    package var step = GuideStep.ask
    package var form: Form
    package var scroll = Scroll()
    /// The request that this guide left and waits for.
    package var requestID: Int64?
    /// The request before it, whose result the operator has seen. An older reading may still show that
    /// request as open.
    package var seenID: Int64 = 0
    package var asked: Request?
    package var askedAt: Double = 0
    /// Why a request was refused.
    package var refusal: String?
    /// What is wrong with the answers.
    package var problem: String?

    package init(kind: GuideKind, form: Form) {
        self.kind = kind
        self.form = form
    }

    /// The request that the operator considers at this step.
    package var considered: Request? {
        switch step {
        case .check, .plan: request
        case .ask, .act, .result: nil
        }
    }

    /// Goes back to the questions and forgets the request.
    package mutating func restart() {
        step = .ask
        seenID = max(seenID, requestID ?? 0)
        requestID = nil
        asked = nil
        refusal = nil
        problem = nil
        scroll = Scroll()
    }
}
