import Records

extension Rule {
    /// The rules for types of columns that YugabyteDB does not support.
    static let types: [Rule] = singleTypes + multiranges

    private static let singleTypes: [Rule] =
        [
            type("xml", db: 1043, page: "#data-ingestion-on-xml-data-type-is-not-supported"),
            type("xid", db: 15638, page: "#xid-functions-is-not-supported"),
            type("geometry", db: 11323), type("geography", db: 11323), type("box2d", db: 11323),
            type("box3d", db: 11323), type("topogeometry", db: 11323), type("raster", voyager: 1731),
            type("pg_lsn", voyager: 1731), type("txid_snapshot", voyager: 1731),
            type(
                "lo", id: "LARGE_OBJECT", db: 25318,
                page: "#large-objects-and-its-functions-are-currently-not-supported"),
        ]

    private static let multiranges: [Rule] = [
        "int4multirange", "int8multirange", "nummultirange", "tsmultirange", "tstzmultirange",
        "datemultirange",
    ].map { type($0, db: 25575, page: "#postgresql-12-and-later-features", fixed: .postgreSQL15) }

    private static func type(
        _ name: String, id: String? = nil, db: Int? = nil, voyager: Int? = nil,
        page: String = "#unsupported-datatypes-by-yugabytedb", fixed: FixedReleases = .none
    ) -> Rule {
        Rule(
            "UNSUPPORTED_DATATYPE_" + (id ?? name.uppercased()), "Columns of type \(name)", category: .type,
            impact: .high, reason: "YugabyteDB does not support the type \(name) of column %.",
            suggestion: "Store the value in another type, for example text or bytea.", fixed: fixed,
            links: RuleLinks(db: db, voyager: voyager, page: page),
            search: .table { table, model in
                table.columns.filter { model.containedTypes(of: $0.type).contains(name) }.map { column in
                    let own = column.type.name == name
                    return Match(
                        detail: own ? column.name : "\(column.name) (within \(column.type.name))",
                        place: column.place)
                }
            })
    }

    /// The types that no key and no index of YugabyteDB takes, as yb-voyager names them.
    static let keyTypes = [
        "ARRAY", "BIT", "BOX", "CIDR", "CIRCLE", "CITEXT", "DATERANGE", "INET", "INT4RANGE", "INT8RANGE",
        "INTERVAL", "JSON", "JSONB", "LINE", "LSEG", "MACADDR", "MACADDR8", "NUMRANGE", "PATH", "PG_LSN",
        "POINT", "POLYGON", "TSQUERY", "TSRANGE", "TSTZRANGE", "TSVECTOR", "TXID_SNAPSHOT", "USER_DEFINED",
        "VARBIT",
    ]

    /// The rules for indexes on these types.
    static let indexTypes: [Rule] = keyTypes.map { type in
        Rule(
            "INDEX_ON_\(type)_DATATYPE", "Index on \(words(type))",
            reason: "YugabyteDB takes no index on \(words(type)): %.",
            suggestion: "Drop the index, or make one on an expression of another type.",
            links: RuleLinks(db: 25003, page: "#indexes-on-some-complex-data-types-are-not-supported"),
            search: .index { index, model in
                guard index.method == "btree" || index.method == "lsm" else { return [] }
                return index.keys.filter { model.keyType(of: $0, table: index.table) == type }.map {
                    Match(detail: $0.column ?? "an expression", place: $0.place)
                }
            })
    }

    /// The rules for primary keys and unique constraints on these types.
    static let constraintTypes: [Rule] = keyTypes.map { type in
        Rule(
            "PK_UK_ON_\(type)_DATATYPE", "Key on \(words(type))",
            reason: "YugabyteDB takes no primary key and no unique constraint on \(words(type)): %.",
            suggestion: "Drop the constraint, or put it on a column of another type.",
            links: RuleLinks(db: 25003, page: "#indexes-on-some-complex-data-types-are-not-supported"),
            search: .table { table, model in
                table.keys.filter { $0.kind != .exclusion }.flatMap { key in
                    key.columns.filter { name in
                        model.column(name, of: table).map { model.keyType(of: $0.type) == type } ?? false
                    }.map { Match(detail: $0, place: key.place, constraint: key.name) }
                }
            })
    }

    private static func words(_ type: String) -> String {
        switch type {
        case "ARRAY": "an array"
        case "USER_DEFINED": "a composite type"
        default: type.lowercased()
        }
    }
}

extension SchemaModel {
    /// The word by which the rules know the type of a key's column; the type's own name for most.
    func keyType(of type: TypeName) -> String {
        let final = finalType(of: type)
        if final.isArray { return "ARRAY" }
        if final.isComposite { return "USER_DEFINED" }
        return final.isOwn ? "" : final.name.uppercased()
    }

    fileprivate func keyType(of key: DefinedIndexKey, table: QualifiedName) -> String? {
        if let name = key.column {
            return tables[table].flatMap { column(name, of: $0) }.map { keyType(of: $0.type) }
        }
        guard let expression = key.expression, expression.kind == "TypeCast",
            let type = expression.node("typeName")
        else { return nil }
        return keyType(of: TypeName(type, in: key.place.statement))
    }
}
