import ArgumentParser
import Engine

/// `cutover status`: where the cutovers stand, in yb-voyager's table.
struct ShowCutoverStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how far the cutovers are.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "table or json; json tells the steps, too.") var outputFormat = TableFormat.table

    func run() async throws {
        let migration = try Migration(existing: try global.exportDirectory())
        let status = try migration.status()
        switch outputFormat {
        case .table:
            for line in CutoverTable.lines(status, colour: Terminal.output.coloured) { Terminal.output.line(line) }
        case .json:
            Terminal.output.line(try CutoverTable.json(status))
        }
    }
}

/// `abort cutover`: takes back the cutover that is under way.
struct AbortCutover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cutover", abstract: "Take back the cutover that is under way; possible until its release.")

    @OptionGroup var global: GlobalFlags

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        if let reason = try start.migration.refusal(of: .abortCutover) { throw VerbFailure(reason) }
        let question = "Are you sure you want to abort the cutover"
        guard
            try StopRequests.whileAsking({
                try Prompt.confirm(question, yes: global.yes || !Terminal.inputIsTerminal)
            })
        else {
            Terminal.output.line("The cutover goes on")
            return
        }
        try await start.leaveAndWait(.abortCutover)
    }
}

/// `approve cutover`: lets the cutover that waits before its release go on.
struct ApproveCutover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cutover", abstract: "Let the cutover that waits before its release go on.")

    @OptionGroup var global: GlobalFlags

    func run() async throws { try await VerbStart(.existing, flags: global).leaveAndWait(.approveRelease) }
}

extension VerbStart {
    /// Leaves a request for the processes that hold the roles, and waits a while for their answer.
    fileprivate func leaveAndWait(_ request: Request) async throws {
        let id = try migration.leave(request, by: operatorName)
        log.notice("asked: \(request.title)")
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if let record = try migration.record(of: id) {
                switch record.state {
                case .done:
                    Terminal.output.line(record.answer.isEmpty ? "\(request.title): done" : record.answer)
                    return
                case .refused, .failed: throw VerbFailure(record.answer)
                case .waiting, .running: break
                }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        Terminal.output.line("\(request.title): asked; it is done as soon as a process that can do it runs")
    }
}
