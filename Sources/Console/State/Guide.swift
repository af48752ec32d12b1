import Engine
import Records

/// The guides, one for each phase, in the order an operator goes through.
package enum GuideKind: String, CaseIterable, Sendable {
    case prepare = "Prepare"
    case schema = "Schema"
    case liveMigration = "Live migration"
    case cutoverToTarget = "Cutover to target"
    case cutoverToSource = "Cutover to source"
    case end = "End"

    /// The guide that leads out of a phase.
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

    /// The cutover that comes next.
    package static func cutover(in phase: Phase) -> GuideKind {
        switch phase {
        case .prepare, .schema, .snapshot, .streaming, .cutoverToTarget: .cutoverToTarget
        case .fallBack, .cutoverToSource, .complete, .ended: .cutoverToSource
        }
    }

    /// The side a cutover guide leads to; nil for the others.
    package var cutoverSide: Side? {
        switch self {
        case .cutoverToTarget: .target
        case .cutoverToSource: .source
        case .prepare, .schema, .liveMigration, .end: nil
        }
    }

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

/// The five steps every guide has.
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

/// Where the operator is in one guide. Nothing here is needed to go on after a crash: the answers that matter are
/// kept by the engine, and a request under way is found again by its title.
package struct Guide: Equatable, Sendable {
    package let kind: GuideKind
    package var step = GuideStep.ask
    package var form: Form
    package var scroll = Scroll()
    /// The request this guide left and waits for.
    package var requestID: Int64?
    /// The one before, whose result was seen; what was read of it earlier may still call it open.
    package var seenID: Int64 = 0
    package var asked: Request?
    package var askedAt: Double = 0
    /// Why a request was not taken.
    package var refusal: String?
    /// What is wrong with the answers.
    package var problem: String?

    package init(kind: GuideKind, form: Form) {
        self.kind = kind
        self.form = form
    }

    /// The request under consideration at this step.
    package var considered: Request? {
        switch step {
        case .check, .plan: request
        case .ask, .act, .result: nil
        }
    }

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
