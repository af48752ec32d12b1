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

    /// The migrated table concerned, or the new one.
    package var table: QualifiedName {
        switch self {
        case .newTable(let name), .gone(let name), .renamed(let name, _), .madeAnew(let name),
            .newPart(let name, _),
            .partGone(let name, _), .partRewritten(let name, _):
            name
        }
    }
}

extension OriginCatalog {
    /// What has changed since an earlier look, in the order of the names. `isChosen` says which tables the operator's lists
    /// take in; `migrated` are those that are.
    package func changes(
        since earlier: OriginCatalog?, migrated: Set<QualifiedName>, isChosen: (QualifiedName) -> Bool
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
            guard let before = earlier?.tables[name] else { continue }
            guard before.oid == entry.oid else {
                found.append(.madeAnew(name))
                continue
            }
            let known = Dictionary(
                before.parts.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            for part in entry.parts {
                if let old = known[part.name] {
                    if !part.isSame(as: old) {
                        found.append(.partGone(of: name, part.name))
                    } else if old.file != part.file {
                        found.append(.partRewritten(of: name, part.name))
                    }
                } else {
                    found.append(.newPart(of: name, part))
                }
            }
            let names = Set(entry.parts.map(\.name))
            for part in before.parts where !names.contains(part.name) {
                found.append(.partGone(of: name, part.name))
            }
        }
        return found
    }
}
