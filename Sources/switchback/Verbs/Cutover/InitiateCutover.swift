import ArgumentParser
import Engine
import Records

/// The flags of both cutovers that yb-voyager does not have.
struct CutoverFlags: ParsableArguments {
    @Option(help: "Compare rows before the release: those written since verify's proof, or whole tables.")
    var verify = ValuedBoolean.no
    @Option(help: "Wait for approve cutover before the release.") var awaitApproval = ValuedBoolean.no
    /// The former spelling of `--await-approval`, kept for scripts.
    @Option(help: .hidden) var hold = ValuedBoolean.no
    @Option(help: "Disconnect the sessions that still write when the database becomes read-only.")
    var disconnectSessions = ValuedBoolean.no
    @Option(
        help:
            """
            Fence the whole database (database), the migrated tables by triggers (tables) or by revoked \
            rights (revoke), or nothing (none).
            """)
    var fence = FenceForm.database
    @Option(help: "Refresh the materialized views of the database that the application moves to.")
    var refreshMaterializedViews = ValuedBoolean.yes
    @Option(help: "Abort the cutover if the application cannot write for longer, such as 30s or 500ms.")
    var budget: TimeSpan?
    @Option(name: .customLong("wait"), help: "Wait until the cutover has completed.") var waits =
        ValuedBoolean.no

    @Option(
        name: .customLong("waive"),
        help:
            ArgumentHelp(
                "Begin although this gate is red or unknown; repeatable. cutover gates lists the gates.",
                valueName: "NAME=REASON"))
    var waived: [String] = []

    /// The waivers, as the operator gave them.
    var waivers: [GateWaiver] { get throws { try waived.map { try GateWaiver(parsing: $0) } } }

    func validate() throws {
        do { _ = try waivers } catch { throw ValidationError("--waive: \(error)") }
    }

    /// Whether the cutover awaits approval, by either spelling of the flag.
    var requiresApproval: Bool { awaitApproval.isTrue || hold.isTrue }
}

/// `initiate cutover to target`
struct InitiateCutoverToTarget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "target", abstract: "Switch the application to the target.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "Stream the target's changes back to the source afterwards; required.")
    var prepareForFallBack: ValuedBoolean?
    @OptionGroup var cutover: CutoverFlags
    @OptionGroup var foreign: CutoverToTargetForeignFlags

    mutating func validate() throws {
        try requireFlags([("prepare-for-fall-back", prepareForFallBack != nil)])
    }

    func run() async throws {
        let start = try VerbStart(.existing, flags: global, secrets: [foreign.sourceDbPassword])
        try await start.cutoverRequest(yes: global.yes).initiate(
            CutoverOptions(
                to: .target, prepareForFallBack: prepareForFallBack?.isTrue == true,
                verify: cutover.verify.isTrue,
                requiresApproval: cutover.requiresApproval,
                disconnectSessions: cutover.disconnectSessions.isTrue,
                fence: cutover.fence.form, waivers: try cutover.waivers,
                budgetSeconds: cutover.budget?.seconds,
                refreshesViews: cutover.refreshMaterializedViews.isTrue),
            waits: cutover.waits.isTrue)
    }
}

/// `initiate cutover to source`
struct InitiateCutoverToSource: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source", abstract: "Switch the application back to the source.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "Stream the source's changes to the target again afterwards: the next round.")
    var restartDataMigrationSourceTarget = ValuedBoolean.no
    @OptionGroup var cutover: CutoverFlags

    func run() async throws {
        try await VerbStart(.existing, flags: global).cutoverRequest(yes: global.yes).initiate(
            CutoverOptions(
                to: .source, prepareForFallBack: false, verify: cutover.verify.isTrue,
                requiresApproval: cutover.requiresApproval,
                disconnectSessions: cutover.disconnectSessions.isTrue,
                fence: cutover.fence.form, waivers: try cutover.waivers,
                budgetSeconds: cutover.budget?.seconds,
                beginsNextRound: restartDataMigrationSourceTarget.isTrue,
                refreshesViews: cutover.refreshMaterializedViews.isTrue),
            waits: cutover.waits.isTrue)
    }
}

/// A time on the command line: `30s`, `500ms` or `2m`.
struct TimeSpan: ExpressibleByArgument, Equatable, Sendable {
    let seconds: Double

    private static let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0)]

    init?(argument: String) {
        let text = argument.lowercased()
        guard let (unit, factor) = Self.units.first(where: { text.hasSuffix($0.0) }),
            let number = Int(text.dropLast(unit.count)), number > 0
        else { return nil }
        seconds = Double(number) * factor
    }
}
