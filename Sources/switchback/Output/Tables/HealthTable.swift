import Engine
import Records

/// The output of `status`.
enum HealthTable {
    static func lines(_ health: MigrationHealth) -> [String] {
        var table = ColumnTable()
        table.add(["ROLE", "STATE", "PROCESS", "REASON"])
        for role in health.roles {
            table.add([
                role.name, role.state?.word.rawValue ?? "-", role.processID.map(String.init) ?? "-",
                role.state?.reason ?? "",
            ])
        }
        return ["\(health.word.rawValue), phase \(health.phase.rawValue)"] + table.lines()
            + health.waivers.lines
    }

    static func json(_ health: MigrationHealth, _ status: MigrationStatus) throws -> String {
        /// The form of a role in JSON.
        struct Role: Encodable {
            let role: String
            let state: String?
            let reason: String?
            let since: String?
            let published_at: String?
            let process_id: Int32?
        }
        /// The form of the health in JSON.
        struct Health: Encodable {
            let status: String
            let phase: String
            let roles: [Role]
            let servers: [AlertTable.Server]
            let alerts: [AlertTable.Form]
            let waivers: [WaiverReport.Entry]
        }
        return try JSONText.text(
            of: Health(
                status: health.word.rawValue, phase: health.phase.rawValue,
                roles: health.roles.map {
                    Role(
                        role: $0.name, state: $0.state?.word.rawValue, reason: $0.state?.reason,
                        since: $0.state.map { UTCTime.standard($0.since) },
                        published_at: $0.publishedAt.map(UTCTime.standard), process_id: $0.processID)
                }, servers: Side.allCases.map { AlertTable.Server($0, status.server($0)) },
                alerts: status.alerts.map(AlertTable.Form.init),
                waivers: health.waivers.entries))
    }
}
