import ArgumentParser
import Engine

/// `acknowledge alert`: notes who has seen an alert, as it is now.
struct AcknowledgeAlert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alert",
        abstract:
            "Acknowledge an alert of status. The exit code of status then does not count it, while it lasts "
            + "and gets no worse."
    )

    @OptionGroup var global: GlobalFlags
    @Argument(help: "The alerts as status names them, such as roleStopped:apply; all if none is given.")
    var alerts: [String] = []

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        let found = try start.migration.status().alerts
        let chosen = try alerts.map { text in
            guard let alert = found.first(where: { $0.id.description == text }) else {
                let others = found.map(\.id)
                throw VerbFailure(
                    "there is no alert \(text) now; "
                        + (others.isEmpty ? "there is none at all" : "there are: \(others.listed)"))
            }
            return alert
        }
        for alert in alerts.isEmpty ? found.filter({ !$0.isAcknowledged }) : chosen {
            _ = try start.migration.leave(
                .acknowledge(alert.id, severity: alert.severity), by: start.operatorName)
            Terminal.output.line("acknowledged: \(alert.id)")
        }
    }
}
