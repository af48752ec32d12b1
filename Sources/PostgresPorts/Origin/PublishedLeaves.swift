import Engine
import Journal
import Records

/// The partitions that a leg's publication lists in place of their roots, as they are kept in the journal.
///
/// YugabyteDB polls the tablets of the tables that a publication lists. With `publish_via_partition_root`
/// that is the root, which has no rows. So its publications list the partitions that have them, and the
/// stream is changed to name the root; see `LeafRelations`.
struct PublishedLeaves: Codable, Equatable {
    /// The root of each partition. A partition that was detached since stays here: its last changes may still
    /// come.
    private(set) var roots: [QualifiedName: QualifiedName]

    /// Takes the partitions of the tables to be published.
    init(of found: [Table], among tables: [QualifiedName]) {
        let names = Set(tables)
        roots = [:]
        for table in found where table.isPartitioned && names.contains(table.name) {
            for leaf in table.leaves { roots[leaf] = table.name }
        }
    }

    /// Returns what a publication of the tables lists.
    static func members(of tables: [QualifiedName], _ found: [Table]) -> [QualifiedName] {
        let known = Dictionary(found.map { ($0.name, $0) }) { first, _ in first }
        return tables.flatMap { name in
            guard let table = known[name], table.isPartitioned else { return [name] }
            return table.leaves
        }
    }

    /// Adds the partitions of now. Returns whether there was a new one.
    mutating func add(_ later: PublishedLeaves) -> Bool {
        let before = roots
        roots.merge(later.roots) { _, new in new }
        return roots != before
    }

    // MARK: In the journal

    private static func key(_ leg: Leg) -> String { "published_leaves_\(leg.number)" }

    /// Returns the leaves that a leg's publication lists; nil if it lists roots.
    static func read(_ journal: Journal, _ leg: Leg) throws -> PublishedLeaves? {
        try journal.document(Self.self, key: key(leg))
    }

    func store(in journal: Journal, _ leg: Leg) throws {
        try journal.update(Self.self, key: Self.key(leg), initial: self) { $0 = self }
    }
}
