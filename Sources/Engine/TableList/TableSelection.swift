import Records

/// The tables that two lists choose among those that are offered. A value without I/O.
package struct TableSelection: Sendable, Equatable {
    package let tables: [OfferedTable]
    package private(set) var lists: TableLists
    package private(set) var chosen: Set<QualifiedName> = []
    /// Foreign keys of chosen tables to tables that are not chosen.
    package private(set) var keysOut: [TableReference] = []
    /// Entries of the lists that match nothing that can be chosen.
    package private(set) var unmatched: [String] = []
    package private(set) var rows: Int64 = 0
    package private(set) var bytes: Int64 = 0

    /// The pattern that excludes every table.
    private static let everything = "*"

    package init(_ tables: [OfferedTable], _ lists: TableLists) {
        self.tables = tables
        self.lists = lists
        judge()
    }

    /// The tables that can be chosen.
    package var choosable: Int { tables.count(where: \.canBeChosen) }

    package var bytesOfAll: Int64 { tables.reduce(0) { $0 + $1.bytesEstimate } }

    /// The chosen tables that cannot be streamed as they are.
    package var troubled: [OfferedTable] { tables.filter { $0.problem != nil && chosen.contains($0.name) } }

    private mutating func judge() {
        chosen = Self.chosen(tables, lists)
        let taken = tables.filter { chosen.contains($0.name) }
        rows = taken.reduce(0) { $0 + $1.rowsEstimate }
        bytes = taken.reduce(0) { $0 + $1.bytesEstimate }
        keysOut = taken.flatMap { table in
            table.parents.filter { !chosen.contains($0) }.map {
                TableReference(child: table.name, parent: $0)
            }
        }
        let known = Self.byLowerName(tables)
        unmatched = lists.tables.filter { glob in
            let pattern = NamePattern(glob)
            let candidates = pattern.plainName.map { known[$0] ?? [] } ?? tables
            return !candidates.contains { $0.canBeChosen && pattern.matches($0.name) }
        }
    }

    /// The tables by their names in lower case: a list may have thousands of names.
    private static func byLowerName(_ tables: [OfferedTable]) -> [String: [OfferedTable]] {
        Dictionary(grouping: tables) { NamePattern.lower($0.name.name) }
    }

    private static func chosen(_ tables: [OfferedTable], _ lists: TableLists) -> Set<QualifiedName> {
        let (wanted, excluded) = (TableListMatcher(lists.tables), TableListMatcher(lists.excluded))
        return Set(
            tables.lazy.filter { table in
                table.canBeChosen && (lists.tables.isEmpty || wanted.matches(table.name))
                    && !excluded.matches(table.name)
            }.map(\.name))
    }

    // MARK: Changes

    /// Chooses tables, or takes them out of the choice. Patterns of the operator stay while they can say what
    /// is wanted; else the lists name the tables.
    package mutating func set(_ names: [QualifiedName], chosen isChosen: Bool) {
        let able = Set(tables.lazy.filter(\.canBeChosen).map(\.name))
        let names = names.filter(able.contains)
        let wanted = isChosen ? chosen.union(names) : chosen.subtracting(names)
        guard wanted != chosen else { return }
        if wanted == able {
            lists = TableLists()
        } else if wanted.isEmpty {
            lists = TableLists(excluded: [Self.everything])
        } else if names.count == 1, let changed = changed(names[0], isChosen),
            Self.chosen(tables, changed) == wanted
        {
            lists = changed
        } else {
            lists = named(wanted, able)
        }
        judge()
    }

    /// The lists with one entry more or less; nil if that says nothing about the table.
    private func changed(_ name: QualifiedName, _ isChosen: Bool) -> TableLists? {
        var changed = lists
        let pattern = Self.pattern(for: name, among: Self.byLowerName(tables))
        if isChosen {
            changed.excluded.removeAll { $0 == pattern }
            if !changed.tables.isEmpty, !TableListMatcher(changed.tables).matches(name) {
                changed.tables.append(pattern)
            }
        } else {
            changed.tables.removeAll { $0 == pattern }
            // An empty list would mean all tables.
            if changed.tables.isEmpty, !lists.tables.isEmpty { return nil }
            if changed.tables.isEmpty || TableListMatcher(changed.tables).matches(name) {
                changed.excluded.append(pattern)
            }
        }
        return changed
    }

    /// Lists that name tables: those that are wanted, or the others if they are fewer.
    private func named(_ wanted: Set<QualifiedName>, _ able: Set<QualifiedName>) -> TableLists {
        let others = able.subtracting(wanted)
        let known = Self.byLowerName(tables)
        func patterns(_ names: Set<QualifiedName>) -> [String] {
            names.sorted().map { Self.pattern(for: $0, among: known) }
        }
        return wanted.count <= others.count
            ? TableLists(tables: patterns(wanted)) : TableLists(excluded: patterns(others))
    }

    /// The shortest pattern that names this table and no other.
    private static func pattern(for name: QualifiedName, among known: [String: [OfferedTable]]) -> String {
        let shown = name.description
        let pattern = NamePattern(shown)
        let similar = known[NamePattern.lower(name.name)] ?? []
        let isAlone =
            pattern.plainName != nil
            && similar.allSatisfy { pattern.matches($0.name) == ($0.name == name) }
        return isAlone ? shown : NamePattern.exactly(name)
    }
}
