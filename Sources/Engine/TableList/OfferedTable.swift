import Records

/// A relation of the source's schemas as the operator chooses it.
package struct OfferedTable: Sendable, Codable, Equatable {
    package let name: QualifiedName
    package let rowsEstimate: Int64
    package let bytesEstimate: Int64
    /// What identifies its rows in the stream, in a few words.
    package let identity: String
    /// The number of partitions; 0 for a table that is not partitioned.
    package let partitions: Int
    /// Why it cannot be streamed, or not wholly; nil if it can.
    package let problem: String?
    /// Whether a list may name it: an unlogged or a foreign table is no table to migrate.
    package let canBeChosen: Bool
    /// The tables that it refers to by foreign keys.
    package let parents: [QualifiedName]

    package init(
        name: QualifiedName, rowsEstimate: Int64 = 0, bytesEstimate: Int64 = 0, identity: String = "",
        partitions: Int = 0, problem: String? = nil, canBeChosen: Bool = true, parents: [QualifiedName] = []
    ) {
        self.name = name
        self.rowsEstimate = rowsEstimate
        self.bytesEstimate = bytesEstimate
        self.identity = identity
        self.partitions = partitions
        self.problem = problem
        self.canBeChosen = canBeChosen
        self.parents = parents
    }
}

/// The tables of the source, as a worker read them last.
package struct OfferedTables: Sendable, Codable, Equatable {
    package let schemas: [String]
    package let tables: [OfferedTable]

    static let key = "offered_tables"
}

extension OfferedTable {
    /// Makes the list that is offered, in name order, of what one database has.
    ///
    /// - Parameters:
    ///   - lacks: what the tables lack to be streamed
    ///   - filtered: the tables that hide rows from the role
    package static func offers(
        _ facts: TableFacts, lacks: [TableIdentity.Lack], filtered: Set<QualifiedName>,
        references: [TableReference]
    ) -> [OfferedTable] {
        let lacking = Dictionary(lacks.map { ($0.name, $0) }) { first, _ in first }
        var parents: [QualifiedName: [QualifiedName]] = [:]
        for reference in references where reference.child != reference.parent {
            parents[reference.child, default: []].append(reference.parent)
        }
        let tables = facts.tables.map { table in
            OfferedTable(
                name: table.name, rowsEstimate: table.rowsEstimate, bytesEstimate: table.bytesEstimate,
                identity: table.identityWords, partitions: table.isPartitioned ? table.leaves.count : 0,
                problem: problem(of: table, lacking, filtered), parents: (parents[table.name] ?? []).sorted())
        }
        let others = facts.others.compactMap { relation -> OfferedTable? in
            guard let reason = relation.kind.reason else { return nil }
            return OfferedTable(name: relation.name, problem: reason, canBeChosen: false)
        }
        return (tables + others).sorted { $0.name < $1.name }
    }

    private static func problem(
        of table: Table, _ lacks: [QualifiedName: TableIdentity.Lack], _ filtered: Set<QualifiedName>
    ) -> String? {
        for name in [table.name] + table.leaves {
            guard let lack = lacks[name] else { continue }
            let place = name == table.name ? "" : "partition \(name) has "
            return "\(place)\(lack.found); wanted is \(lack.wanted)"
        }
        if let hidden = ([table.name] + table.leaves).first(where: filtered.contains) {
            return "row security hides rows of \(hidden) from our role"
        }
        let parts = table.unstreamedParts
        guard let first = parts.first else { return nil }
        return "\(counted(parts.count, "partition")) cannot be streamed: \(first.name) is \(first.kind.words)"
    }
}

extension Table {
    /// What identifies its rows in the stream.
    fileprivate var identityWords: String {
        switch replicaIdentity {
        case .full: return "whole old rows"
        case .nothing: return "nothing"
        case .primaryKey, .index, .change:
            let columns = identityColumns
            return columns.isEmpty ? "no key" : "key \(columns.listed)"
        }
    }
}

extension OtherRelation.Kind {
    /// Why it is no table to migrate; nil for what nobody would look for among the tables.
    fileprivate var reason: String? {
        switch self {
        case .unlogged: "it is unlogged: the server writes no WAL of it"
        case .foreign: "it is a foreign table: its rows are on another server"
        case .extension: "it belongs to an extension, which makes its rows"
        case .partition, .view, .materializedView, .sequence: nil
        }
    }
}
