import Records

extension Rule {
    /// The rules for what works and is slow, as far as statements tell; for every target.
    static let performance: [Rule] = [
        Rule(
            "FOREIGN_KEY_DATATYPE_MISMATCH", "Foreign key of another type", category: .performance,
            severity: .info, reason: "The types of the foreign key's columns differ: %.",
            suggestion: "Make the types equal.", links: RuleLinks(page: "#foreign-key-datatype-mismatch"),
            search: .table { table, model in
                table.foreignKeys.flatMap { key in
                    zip(key.columns, model.referencedColumns(of: key)).compactMap { column, other in
                        model.mismatch(column, of: table, other, key).map {
                            Match(detail: $0, place: key.place, constraint: key.name)
                        }
                    }
                }
            }),
        Rule(
            "MISSING_FOREIGN_KEY_INDEX", "Foreign key without an index", category: .performance,
            severity: .info,
            reason: "No index has the foreign key's columns first: %.", suggestion: "Create such an index.",
            links: RuleLinks(page: "#missing-foreign-key-indexes"),
            search: .table { table, model in
                table.foreignKeys.filter { !model.hasIndex(on: $0.columns, of: table) }.map {
                    Match(detail: $0.columns.joined(separator: ", "), place: $0.place, constraint: $0.name)
                }
            }),
        Rule(
            "MISSING_PRIMARY_KEY_WHEN_UNIQUE_NOT_NULL", "Unique columns without a primary key",
            category: .performance, severity: .info,
            reason: "The table has no primary key, though these columns could be one: %.",
            suggestion: "Make them the primary key.",
            links: RuleLinks(page: "#missing-primary-key-for-table-when-unique-and-not-null-columns-exist"),
            search: .table { table, model in
                guard table.isCreated, !table.isForeign, table.primaryKey == nil, table.parent == nil,
                    table.inherits.isEmpty
                else { return [] }
                let partition = table.partitioning?.columns ?? []
                return model.uniqueColumns(of: table).filter { columns in
                    partition.allSatisfy(columns.contains)
                        && columns.allSatisfy { model.column($0, of: table)?.isNotNull ?? false }
                }.map { Match(detail: "(" + $0.joined(separator: ", ") + ")", place: table.place) }
            }),
        Rule(
            "REDUNDANT_INDEXES", "Redundant indexes", category: .performance, severity: .info,
            reason: "Another index begins with the same columns: %.", suggestion: "Drop this index.",
            links: RuleLinks(page: "#redundant-indexes"),
            search: .index { index, model in
                model.covering(index).map { [Match(detail: $0, place: index.place)] } ?? []
            }),
    ]

    /// The rules for hotspots, which YugabyteDB alone has.
    static let hotspots: [Rule] = [("TIMESTAMP", ["timestamp", "timestamptz"]), ("DATE", ["date"])]
        .flatMap { word, types in
            [
                Rule(
                    "HOTSPOTS_ON_\(word)_INDEX", "Hotspots on an index", category: .performance,
                    severity: .info,
                    reason:
                        "The index begins with a \(word.lowercased()) (%), so one tablet takes all new rows.",
                    suggestion: "Put a bucket, the modulo of a hash, before it.",
                    fixed: FixedReleases(
                        preview: ["2025.2.1.0", "2026.1.0.0"], early: ["2025.2.2.0", "2026.1.0.0"],
                        flags: "yb_enable_derived_saops=true and yb_max_saop_merge_streams=64"),
                    links: .hotspots,
                    search: .index { index, model in
                        guard index.method == "btree" || index.method == "lsm", let first = index.keys.first,
                            model.tables[index.table]?.partitioning == nil,
                            let type = model.typeName(of: first, table: index.table), types.contains(type)
                        else { return [] }
                        return [Match(detail: first.column ?? "an expression", place: first.place)]
                    }),
                Rule(
                    "HOTSPOTS_ON_\(word)_PK_UK", "Hotspots on a key", category: .performance, severity: .info,
                    reason:
                        "The key begins with a \(word.lowercased()) (%), so one tablet takes all new rows.",
                    suggestion: "Put a bucket, the modulo of a hash, before it.", links: .hotspots,
                    search: .table { table, model in
                        table.keys.filter { $0.kind != .exclusion }.compactMap { key in
                            guard let first = key.columns.first, let column = model.column(first, of: table),
                                types.contains(model.finalType(of: column.type).name), !column.type.isArray
                            else { return nil }
                            return Match(detail: first, place: key.place, constraint: key.name)
                        }
                    }),
            ]
        }
}

extension RuleLinks {
    fileprivate static let hotspots = RuleLinks(
        page: "#hotspots-with-range-sharded-timestamp-date-indexes")
}

extension SchemaModel {
    /// Says how the type of a column differs from the type of the column it refers to; nil if it does not.
    fileprivate func mismatch(
        _ column: String, of table: DefinedTable, _ other: String, _ key: DefinedForeignKey
    ) -> String? {
        guard let referenced = tables[key.referenced], let left = self.column(column, of: table),
            let right = self.column(other, of: referenced)
        else { return nil }
        let (mine, theirs) = (finalType(of: left.type), finalType(of: right.type))
        guard mine.name != theirs.name || mine.isArray != theirs.isArray else { return nil }
        return "\(column) \(mine.name), \(key.referenced).\(other) \(theirs.name)"
    }

    /// Whether an index or a key has these columns first, in any order.
    fileprivate func hasIndex(on columns: [String], of table: DefinedTable) -> Bool {
        let wanted = Set(columns)
        let keys = table.keys.filter { $0.kind != .exclusion }.map { $0.columns.map { Optional($0) } }
        let all = keys + indexes(on: table.name).filter { $0.predicate == nil }.map { $0.keys.map(\.column) }
        return all.contains { key in
            let first = key.prefix(wanted.count).compactMap { $0 }
            return first.count == wanted.count && Set(first) == wanted
        }
    }

    /// The columns of each unique constraint and each unique index over whole columns.
    fileprivate func uniqueColumns(of table: DefinedTable) -> [[String]] {
        let keys = table.keys.filter { $0.kind == .unique && $0.usingIndex == nil }.map(\.columns)
        let unique = indexes(on: table.name).filter { index in
            index.isUnique && index.predicate == nil && index.keys.allSatisfy { $0.column != nil }
        }
        return keys + unique.map { $0.keys.compactMap(\.column) }
    }

    /// The name of the index or key that makes this index unnecessary.
    fileprivate func covering(_ index: DefinedIndex) -> String? {
        guard !index.isUnique, index.method == "btree", index.options.isEmpty, index.included.isEmpty,
            index.keys.allSatisfy({ $0.column != nil && $0.ordering == "SORTBY_DEFAULT" }),
            let table = tables[index.table], table.parent == nil
        else { return nil }
        let columns = index.keys.compactMap(\.column)
        let key = table.keys.first {
            $0.kind != .exclusion && Array($0.columns.prefix(columns.count)) == columns
        }
        if let key, index.predicate == nil, index.isOrderedAsKey { return key.name ?? "the key" }
        let mine = index.node.nodes("indexParams").map { $0.fields.filter { $0.name != "location" } }
        return indexes(on: index.table).first { other in
            guard other.name != index.name, other.method == "btree", other.keys.count >= columns.count,
                other.predicate == index.predicate
            else { return false }
            // Of two equal indexes the second is unnecessary.
            if other.keys.count == columns.count, !other.isUnique,
                other.place.statement > index.place.statement
            {
                return false
            }
            let theirs = other.node.nodes("indexParams").prefix(columns.count).map {
                $0.fields.filter { $0.name != "location" }
            }
            return mine == Array(theirs)
        }?.name
    }

    /// The name of the type of an index's key; nil for an expression that is no cast.
    fileprivate func typeName(of key: DefinedIndexKey, table: QualifiedName) -> String? {
        if let name = key.column {
            return tables[table].flatMap { column(name, of: $0) }.flatMap {
                $0.type.isArray ? nil : finalType(of: $0.type).name
            }
        }
        return key.expression?.kind == "TypeCast"
            ? key.expression?.node("typeName")?.texts("names").last : nil
    }
}

extension DefinedIndex {
    /// Whether its columns are ordered as those of a key: a key has no operator classes, collations and
    /// places of NULL of its own.
    fileprivate var isOrderedAsKey: Bool {
        node.nodes("indexParams").allSatisfy { key in
            key["opclass"] == nil && key["collation"] == nil
                && key.text("nulls_ordering") ?? "SORTBY_NULLS_DEFAULT" == "SORTBY_NULLS_DEFAULT"
        }
    }
}
