import Records

/// A change of the origin's catalog that the stream does not announce.
package enum CatalogChange: Sendable, Equatable {
    /// A table that is in no publication: its changes are not captured.
    case newTable(QualifiedName)
    case gone(QualifiedName)
    case renamed(QualifiedName, to: QualifiedName)
    /// A table that was dropped and replaced by another one of its name, which is in no publication.
    case madeAnew(QualifiedName)
    /// A partition whose rows are streamed under the root's name.
    case newPartition(of: QualifiedName, OriginCatalog.Part)
    /// A partition that was dropped or detached. It may have been attached again, or replaced by another one
    /// of its name. Its rows are gone from the table, or were changed unseen, and the stream does not
    /// announce it.
    case partitionGone(of: QualifiedName, QualifiedName)
    /// A partition that has another file: it was emptied, or rewritten.
    case partitionRewritten(of: QualifiedName, QualifiedName)
    /// Partitions whose rows the stream does not carry and that the operator has not excluded. Each check
    /// finds them as long as they exist.
    case partitionsNotStreamed(of: QualifiedName, [UnstreamedPartition])
    /// A partition whose rows were not streamed until now, and are from here on.
    case partitionStreamedNow(of: QualifiedName, QualifiedName)

    /// The migrated table concerned, or the new one.
    package var table: QualifiedName {
        switch self {
        case .newTable(let name), .gone(let name), .renamed(let name, _), .madeAnew(let name),
            .newPartition(let name, _), .partitionGone(let name, _), .partitionRewritten(let name, _),
            .partitionsNotStreamed(let name, _), .partitionStreamedNow(let name, _):
            name
        }
    }
}

extension OriginCatalog {
    /// Returns the changes since an earlier check, in the order of the names.
    ///
    /// - Parameters:
    ///   - migrated: the tables that are migrated
    ///   - isChosen: whether the operator's lists include a table
    ///   - isExcluded: whether the operator's lists exclude a partition that cannot be streamed
    package func changes(
        since earlier: OriginCatalog?, migrated: Set<QualifiedName>, isChosen: (QualifiedName) -> Bool,
        isExcluded: (QualifiedName) -> Bool
    ) -> [CatalogChange] {
        var found: [CatalogChange] = []
        for name in tables.keys.sorted() where !migrated.contains(name) {
            let oid = tables[name]?.oid
            let isKnownByAnotherName = earlier?.tables.contains {
                $0.value.oid == oid && migrated.contains($0.key)
            }
            if isChosen(name), isKnownByAnotherName != true { found.append(.newTable(name)) }
        }
        for name in migrated.sorted() {
            guard let entry = tables[name] else {
                let oid = earlier?.tables[name]?.oid
                let other = tables.first { $0.value.oid == oid && oid != nil }?.key
                found.append(other.map { .renamed(name, to: $0) } ?? .gone(name))
                continue
            }
            let before = earlier?.tables[name]
            if let before, before.oid != entry.oid {
                found.append(.madeAnew(name))
                continue
            }
            let known = Dictionary(
                (before?.parts ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            let notStreamed = entry.partitionsNotStreamed(known: known, isExcluded: isExcluded)
            if !notStreamed.isEmpty { found.append(.partitionsNotStreamed(of: name, notStreamed)) }
            if let before { found += entry.partitionChanges(of: name, since: before, known: known) }
        }
        return found
    }
}

extension OriginCatalog.Entry {
    fileprivate func partitionsNotStreamed(
        known: [QualifiedName: OriginCatalog.Part], isExcluded: (QualifiedName) -> Bool
    ) -> [UnstreamedPartition] {
        parts.compactMap { partition in
            guard let kind = partition.unstreamed else { return nil }
            // A partition that was streamed is reported even if a list leaves it out.
            let wasStreamed = known[partition.name].map { $0.unstreamed == nil } ?? false
            guard wasStreamed || !isExcluded(partition.name) else { return nil }
            return UnstreamedPartition(name: partition.name, kind: kind)
        }
    }

    /// Returns the changes of the partitions whose rows are streamed, and the partitions that are gone.
    fileprivate func partitionChanges(
        of table: QualifiedName, since before: Self, known: [QualifiedName: OriginCatalog.Part]
    ) -> [CatalogChange] {
        var found: [CatalogChange] = []
        for partition in parts where partition.unstreamed == nil {
            guard let old = known[partition.name] else {
                found.append(.newPartition(of: table, partition))
                continue
            }
            if old.unstreamed != nil {
                found.append(.partitionStreamedNow(of: table, partition.name))
            } else if !partition.isSame(as: old) {
                found.append(.partitionGone(of: table, partition.name))
            } else if old.file != partition.file {
                found.append(.partitionRewritten(of: table, partition.name))
            }
        }
        let names = Set(parts.map(\.name))
        for partition in before.parts where !names.contains(partition.name) && partition.unstreamed == nil {
            found.append(.partitionGone(of: table, partition.name))
        }
        return found
    }
}
