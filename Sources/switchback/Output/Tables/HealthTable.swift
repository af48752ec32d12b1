import Engine
import Records

/// The output of `status`.
enum HealthTable {
    static func lines(_ health: MigrationHealth, _ status: MigrationStatus) -> [String] {
        var table = ColumnTable()
        table.add(["ROLE", "STATE", "PROCESS", "REASON"])
        for role in health.roles {
            table.add([
                role.name, role.state?.word.rawValue ?? "-", role.processID.map(String.init) ?? "-",
                role.state?.reason ?? "",
            ])
        }
        return ["\(health.word.rawValue), phase \(health.phase.rawValue)"] + table.lines()
            + readiness(status) + health.waivers.lines
    }

    /// What a switch back would take, in the fall-back.
    private static func readiness(_ status: MigrationStatus) -> [String] {
        status.readiness.map { ["", $0.words.asSentence + "."] } ?? []
    }

    /// The form in JSON of what a switch back would take.
    struct Readiness: Encodable {
        let seconds: Double?
        let rehearsed: Bool
        let rows_not_proved_max: Int64?
        let tables_not_proved: Int
        let foreign_keys: Int
        let foreign_key_seconds: Double?

        init(_ readiness: FallBackReadiness) {
            seconds = readiness.seconds
            rehearsed = readiness.isRehearsed
            rows_not_proved_max = readiness.unprovedRows
            tables_not_proved = readiness.unprovedTables
            foreign_keys = readiness.foreignKeys
            foreign_key_seconds = readiness.foreignKeySeconds
        }
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
            let readiness: Readiness?
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
                waivers: health.waivers.entries, readiness: status.readiness.map(Readiness.init)))
    }
}
