import Postgres
import Records

/// What a look at the origin's catalog found that the stream does not tell.
package enum CatalogChange: Sendable, Equatable {
    /// In no publication: its changes are not captured.
    case newTable(QualifiedName)
    case gone(QualifiedName)
    case renamed(QualifiedName, to: QualifiedName)
    /// Dropped, and another one made under its name: it is in no publication.
    case madeAnew(QualifiedName)
    /// Its rows flow under the root's name.
    case newPart(of: QualifiedName, OriginCatalog.Part)
    /// Dropped or detached, though it may have been attached again, or another one of its name: its rows are gone from the
    /// table, or were written to unseen, and the stream says nothing of it.
    case partGone(of: QualifiedName, QualifiedName)
    /// Its file is another one: it was emptied, or rewritten.
    case partRewritten(of: QualifiedName, QualifiedName)
    /// Its partitions whose rows the stream does not carry, and that the operator does not leave out. Told at each look, for as
    /// long as they are there.
    case partsNotStreamed(of: QualifiedName, [UnstreamedPartition])
    /// Its rows were not streamed until now, and are from here on.
    case partStreamedNow(of: QualifiedName, QualifiedName)

    /// The migrated table concerned, or the new one.
    package var table: QualifiedName {
        switch self {
        case .newTable(let name), .gone(let name), .renamed(let name, _), .madeAnew(let name),
            .newPart(let name, _),
            .partGone(let name, _), .partRewritten(let name, _), .partsNotStreamed(let name, _),
            .partStreamedNow(let name, _):
            name
        }
    }
}

extension OriginCatalog {
    /// What has changed since an earlier look, in the order of the names. `isChosen` says which tables the operator's lists
    /// take in, `isLeftOut` which partitions they leave out where those cannot be
    /// streamed; `migrated` are the tables that are.
    package func changes(
        since earlier: OriginCatalog?, migrated: Set<QualifiedName>, isChosen: (QualifiedName) -> Bool,
        isLeftOut: (QualifiedName) -> Bool
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
            let notStreamed = entry.parts.compactMap { part -> UnstreamedPartition? in
                guard let kind = part.unstreamed else { return nil }
                // One that was streamed is not left out without a word.
                let wasStreamed = known[part.name].map { $0.unstreamed == nil } ?? false
                guard wasStreamed || !isLeftOut(part.name) else { return nil }
                return UnstreamedPartition(name: part.name, kind: kind)
            }
            if !notStreamed.isEmpty { found.append(.partsNotStreamed(of: name, notStreamed)) }
            if let before { found += entry.partChanges(of: name, since: before, known: known) }
        }
        return found
    }
}

extension OriginCatalog.Entry {
    /// What has changed of the parts whose rows are streamed, and which parts are gone.
    fileprivate func partChanges(
        of table: QualifiedName, since before: Self, known: [QualifiedName: OriginCatalog.Part]
    ) -> [CatalogChange] {
        var found: [CatalogChange] = []
        for part in parts where part.unstreamed == nil {
            guard let old = known[part.name] else {
                found.append(.newPart(of: table, part))
                continue
            }
            if old.unstreamed != nil {
                found.append(.partStreamedNow(of: table, part.name))
            } else if !part.isSame(as: old) {
                found.append(.partGone(of: table, part.name))
            } else if old.file != part.file {
                found.append(.partRewritten(of: table, part.name))
            }
        }
        let names = Set(parts.map(\.name))
        for part in before.parts where !names.contains(part.name) && part.unstreamed == nil {
            found.append(.partGone(of: table, part.name))
        }
        return found
    }
}
