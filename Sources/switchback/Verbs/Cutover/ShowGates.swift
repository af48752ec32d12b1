import ArgumentParser
import Engine
import Foundation
import Records

/// `cutover gates`: shows the gates of the next cutover. Its exit code says whether they let it begin.
struct ShowGates: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gates",
        abstract:
            "Show the gates of the next cutover. Exit code 0: none refuses it; 1: a red or unknown gate does."
    )

    @OptionGroup var global: GlobalFlags
    @Option(help: "table or json.") var outputFormat = TableFormat.table

    func run() async throws {
        VerbLog.keepNone()
        let status = try Migration(existing: try global.exportDirectory()).status()
        guard !status.gates.isEmpty else {
            throw VerbFailure("there are no gates in the phase \(status.phase.rawValue)")
        }
        switch outputFormat {
        case .table:
            let colour = Terminal.output.coloured
            for line in GateTable.lines(status.gates, now: status.readAt, colour: colour) {
                Terminal.output.line(line)
            }
        case .json: Terminal.output.line(try GateTable.json(status.gates, now: status.readAt))
        }
        if status.gates.contains(where: \.refuses) { throw ExitCode(1) }
    }
}

/// `accept difference`: accepts differences between the catalogs, so that the gates do not count them.
struct AcceptDifference: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "difference",
        abstract:
            "Accept a difference between the catalogs, as cutover gates names it. It stays accepted while "
            + "both definitions stay as they are."
    )

    @OptionGroup var global: GlobalFlags
    @Argument(help: "The objects, such as 'index item_v_idx on public.item'.") var objects: [String]
    @Option(help: "Why the difference does no harm; required.") var reason: String?

    mutating func validate() throws {
        try requireFlags([("reason", reason?.isEmpty == false)])
        if objects.isEmpty { throw ValidationError("name a difference as `cutover gates` lists it") }
    }

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        let found = try start.migration.openDifferences()
        let chosen = try objects.map { object in
            guard let difference = found.first(where: { $0.object == object }) else {
                throw VerbFailure(
                    "there is no difference '\(object)'; "
                        + (found.isEmpty
                            ? "no difference is open"
                            : "the open ones are: " + found.map { "'\($0.object)'" }.joined(separator: ", ")))
            }
            var accepted = difference
            accepted.reason = reason ?? ""
            return accepted
        }
        _ = try start.migration.leave(.acceptDifferences(chosen), by: start.operatorName)
        for difference in chosen { Terminal.output.line("accepted: \(difference.object)") }
    }
}
