import Journal
import Postgres
import Records

/// The notice before the first start: which tables are migrated, and what is not carried.
struct StartNotice {
    let context: RoleContext

    /// - Parameter objects: lists what the source has and a migration of the chosen tables does not carry
    func give(_ choice: TableChoice, _ objects: () throws -> [UncarriedObject]) throws {
        let names = choice.tables.map(\.name.description)
        context.announce("\(names.count) tables to migrate: \(names.listed(max: 5))")
        for finding in try keep(NotCarriedAnswer(choice, objects)) {
            context.log(.warning, "capture", finding.line)
            context.announce(finding.line)
        }
    }

    /// Reads what is not carried and keeps it for the reports. A server that refuses the question prevents
    /// nothing.
    func keep(_ source: borrowing PostgresConnection, _ record: MigrationRecord, _ choice: TableChoice) throws
        -> [NotCarried]
    {
        try keep(NotCarriedAnswer(source, record, choice))
    }

    private func keep(_ answer: NotCarriedAnswer) throws -> [NotCarried] {
        switch answer {
        case .found(let findings):
            try context.journal.update([NotCarried].self, key: NotCarried.key, initial: findings) {
                $0 = findings
            }
            return findings
        case .refused(let error):
            context.log(.warning, "capture", "what is not carried could not be read: \(error)")
            return []
        }
    }
}

extension Migration {
    /// Returns what is not carried from the source, as it was found at the export of the schema or at the
    /// start.
    package func notCarried() throws -> [NotCarried] {
        try journal.document([NotCarried].self, key: NotCarried.key) ?? []
    }
}
