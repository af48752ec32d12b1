import Postgres
import Records

/// The objects of one kind that the migration does not carry, with what will be missing and the remedy.
package struct NotCarried: Sendable, Codable, Equatable {
    package let kind: UncarriedObject.Kind
    /// The first names, at most `namesMax`, each with its detail.
    package let names: [String]
    package let count: Int

    package init(kind: UncarriedObject.Kind, names: [String], count: Int) {
        self.kind = kind
        self.names = names
        self.count = count
    }

    /// The most names that are kept of one kind.
    static let namesMax = 1000
    /// The most names in one line of text.
    private static let namesShown = 3

    /// Groups the objects of the source by kind, in the order in which the kinds are declared.
    static func findings(_ objects: [UncarriedObject]) -> [NotCarried] {
        let byKind = Dictionary(grouping: objects, by: \.kind)
        return UncarriedObject.Kind.allCases.compactMap { kind in
            guard let found = byKind[kind], !found.isEmpty else { return nil }
            if kind.isCounted { return NotCarried(kind: kind, names: [], count: Int(found[0].name) ?? 0) }
            let names = found.map { $0.detail.isEmpty ? $0.name : "\($0.name) (\(kind.phrase($0.detail)))" }
            return NotCarried(kind: kind, names: Array(names.prefix(namesMax)), count: found.count)
        }
    }

    /// The first few names, and how many there are.
    package var list: String {
        guard !names.isEmpty else { return "\(count)" }
        let more = count - min(Self.namesShown, names.count)
        return names.prefix(Self.namesShown).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    package var title: String { kind.title }
    package var missing: String { kind.missing }
    package var remedy: String { kind.remedy }

    /// The whole finding in one line.
    package var line: String { "not carried: \(title): \(list): \(missing); \(remedy)" }
}

extension NotCarried {
    /// Reads what a migration of the chosen tables does not carry.
    static func read(
        _ source: borrowing PostgresConnection, _ record: MigrationRecord, _ choice: TableChoice
    ) throws(PostgresError) -> [NotCarried] {
        let target = record.forms.target.user
        let objects = try source.uncarriedObjects(
            inSchemas: record.schemas, owner: target.isEmpty ? source.user : target,
            tables: choice.tables.map(\.name))
        return findings(objects, choice)
    }

    /// Groups the objects that the source has, and what the choice leaves out.
    static func findings(_ objects: [UncarriedObject], _ choice: TableChoice) -> [NotCarried] {
        findings(
            objects + choice.leftOut.map { UncarriedObject(.leftOutPartition, $0.description) }
                + choice.leftOutTables.map { UncarriedObject(.leftOutTable, $0.description) })
    }

    /// The key in the journal of what was found at the start.
    static let key = "not_carried"
}

/// The answer of a server to the question what is not carried.
enum NotCarriedAnswer: Equatable {
    case found([NotCarried])
    /// The server's error. It prevents nothing.
    case refused(String)
}

extension NotCarriedAnswer {
    init(_ source: borrowing PostgresConnection, _ record: MigrationRecord, _ choice: TableChoice)
        throws(PostgresError)
    {
        do { self = .found(try NotCarried.read(source, record, choice)) } catch {
            guard error.kind == .server, !error.isConnectionLoss else { throw error }
            self = .refused("\(error)")
        }
    }

    /// - Parameter objects: lists what the source has and a migration of the chosen tables does not carry
    init(_ choice: TableChoice, _ objects: () throws -> [UncarriedObject]) throws {
        do { self = .found(NotCarried.findings(try objects(), choice)) } catch let error as any DatabaseError
        {
            guard error.refusesStatement else { throw error }
            self = .refused("\(error)")
        }
    }
}
