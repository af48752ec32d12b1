import ArgumentParser
import Engine
import PostgresPorts
import Records

/// `cutover rehearsal`: goes through the steps of a cutover without its changes, and predicts their times.
struct RehearseCutover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearsal",
        abstract: "Go through the steps of a cutover without its changes, and predict their times.",
        discussion: "The application notices nothing. --last shows the prediction beside what happened.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "source or target.") var to: SideArgument
    @Option(help: "Rehearse with the comparison of both sides.") var verify = ValuedBoolean.no
    @Option(help: "Rehearse with the steps of a later fall-back.") var prepareForFallBack = ValuedBoolean.yes
    @Flag(help: "Rehearse nothing; show the last prediction, and what the cutover after it took.")
    var last = false
    @Option(help: "table or json.") var outputFormat = TableFormat.table
    @Option(parsing: .unconditional, help: "The source's password; better given in SOURCE_DB_PASSWORD.")
    var sourceDbPassword: String?
    @Option(parsing: .unconditional, help: "The target's password; better given in TARGET_DB_PASSWORD.")
    var targetDbPassword: String?

    func validate() throws {
        guard last else { return }
        let given = ["verify", "prepare-for-fall-back"].filter(Invocation.current.flags.contains)
        guard given.isEmpty else {
            throw ValidationError(
                "--last rehearses nothing, so that \(given.map { "--" + $0 }.listed) would have no effect; "
                    + "leave out one of them")
        }
    }

    func run() async throws {
        let start = try VerbStart(
            .existing, flags: global, isQuiet: outputFormat == .json,
            secrets: [sourceDbPassword, targetDbPassword])
        if !last { try await rehearse(start) }
        guard let (rehearsal, cutover) = try start.migration.lastRehearsal() else {
            throw VerbFailure("no cutover was rehearsed yet; leave out --last")
        }
        guard rehearsal.to == to.side else {
            throw VerbFailure(
                "the last rehearsal was of a cutover to the \(rehearsal.to.rawValue); give --to "
                    + "\(rehearsal.to.rawValue), or leave out --last")
        }
        switch outputFormat {
        case .table:
            for line in RehearsalTable.lines(rehearsal, cutover) { Terminal.output.line(line) }
        case .json: Terminal.output.line(try RehearsalTable.json(rehearsal, cutover))
        }
    }

    private func rehearse(_ start: VerbStart) async throws {
        let forms = try start.migration.databases()
        guard let source = try forms.source.sourceAccess(passwordFlag: sourceDbPassword),
            let target = try forms.target.targetAccess(passwordFlag: targetDbPassword)
        else { throw VerbFailure("the migration does not know both connections yet") }
        StopRequests.endInGoodOrder()
        let options = CutoverOptions(
            to: to.side, prepareForFallBack: to.side == .target && prepareForFallBack.isTrue,
            verify: verify.isTrue)
        _ = try await rehearseCutover(
            migration: start.migration, options: RunOptions(source: source, target: target), options,
            stop: StopRequests.signal)
    }
}

/// The output of `cutover rehearsal`.
enum RehearsalTable {
    static func lines(_ rehearsal: Rehearsal, _ cutover: CutoverStatus?) -> [String] {
        var table = ColumnTable()
        table.add(["STEP", "PREDICTED"] + (cutover == nil ? ["FOUND"] : ["TAKEN", "FOUND"]))
        for line in rehearsal.lines(beside: cutover) {
            let taken = cutover == nil ? [] : [line.seconds.map(seconds) ?? ""]
            table.add([line.title, seconds(line.predictedSeconds)] + taken + [line.detail])
        }
        let predicted = "From the fence to the release: predicted \(seconds(rehearsal.downtimeSeconds))"
        let taken = cutover?.downtimeSeconds.map { ", taken \(seconds($0))" }
        return table.lines() + ["", predicted + (taken ?? "")]
    }

    static func seconds(_ seconds: Double) -> String {
        seconds < 10 ? "\(Int((seconds * 1000).rounded())) ms" : "\(Int(seconds.rounded())) s"
    }

    static func json(_ rehearsal: Rehearsal, _ cutover: CutoverStatus?) throws -> String {
        /// The form of a step in JSON.
        struct Step: Encodable {
            let title: String
            let predicted_seconds: Double
            let seconds: Double?
            let detail: String
        }
        /// The form of a rehearsal in JSON.
        struct Form: Encodable {
            let to: String
            let rehearsed_at: String
            let predicted_downtime_seconds: Double
            let downtime_seconds: Double?
            let steps: [Step]
        }
        return try JSONText.text(
            of: Form(
                to: rehearsal.to.rawValue, rehearsed_at: UTCTime.standard(rehearsal.rehearsedAt),
                predicted_downtime_seconds: rehearsal.downtimeSeconds,
                downtime_seconds: cutover?.downtimeSeconds,
                steps: rehearsal.lines(beside: cutover).map {
                    Step(
                        title: $0.title, predicted_seconds: $0.predictedSeconds, seconds: $0.seconds,
                        detail: $0.detail)
                }))
    }
}
