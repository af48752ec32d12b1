import Journal
import Postgres
import Records

/// Says before the first start which tables are migrated and what is not carried, and keeps the latter for the reports.
struct StartNotice {
    let context: RoleContext

    func give(_ source: borrowing PostgresConnection, _ record: MigrationRecord, _ choice: TableChoice) throws
    {
        let names = choice.tables.map(\.name.description)
        context.announce("\(names.count) tables to migrate: \(names.listed(max: 5))")
        for finding in try keep(source, record, choice) {
            context.log(.warning, "capture", finding.line)
            context.announce(finding.line)
        }
    }

    /// What is not carried; it is kept under `NotCarried.key`. A server that refuses the question holds up nothing.
    func keep(_ source: borrowing PostgresConnection, _ record: MigrationRecord, _ choice: TableChoice) throws
        -> [NotCarried]
    {
        let findings: [NotCarried]
        do { findings = try NotCarried.read(source, record, choice) } catch {
            guard error.kind == .server, !error.isConnectionLoss else { throw error }
            context.log(.warning, "capture", "what is not carried could not be read: \(error)")
            return []
        }
        try context.journal.update([NotCarried].self, key: NotCarried.key, initial: findings) {
            $0 = findings
        }
        return findings
    }
}

extension Migration {
    /// What is not carried from the source, as it was found at the export of the schema or at the start.
    package func notCarried() throws -> [NotCarried] {
        try journal.document([NotCarried].self, key: NotCarried.key) ?? []
    }
}
