import Records

/// An equality operator with its schema, so that search_path does not decide which one is used.
package struct EqualityOperator: Hashable, Sendable {
    package let schema: String
    /// The operator's name; `=` for nearly all types.
    package let name: String

    package init(schema: String, name: String) {
        self.schema = schema
        self.name = name
    }

    var sql: String { "operator(\(quoteIdentifier(schema)).\(name))" }
}

/// The comparison of a sent value with a column of the destination.
package struct ColumnComparison: Hashable, Sendable {
    /// The type to cast a value to, with its schema. For a domain it is the base type. It has no length of
    /// characters or bits, because a cast to one would cut off what the column refuses.
    package let castType: String
    /// Whether the column's type is a domain. Operators on enums, arrays and ranges do not take one.
    package let isDomain: Bool
    /// Nil if the type has no equality, such as `json`.
    package let equality: EqualityOperator?
    /// The collation of the index that finds the row, if it is not the column's own.
    package let collation: QualifiedName?
    /// Whether equal values have one text. `numeric` has not: 1.0 equals 1.00.
    package let isExact: Bool

    package init(
        castType: String, isDomain: Bool = false, equality: EqualityOperator?,
        collation: QualifiedName? = nil, isExact: Bool
    ) {
        self.castType = castType
        self.isDomain = isDomain
        self.equality = equality
        self.collation = collation
        self.isExact = isExact
    }

    /// Returns the comparison by the operator of an index.
    func by(_ equality: EqualityOperator, _ collation: QualifiedName?) -> ColumnComparison {
        ColumnComparison(
            castType: castType, isDomain: isDomain, equality: equality, collation: collation,
            isExact: isExact && equality == self.equality && collation == nil)
    }

    /// Returns a value as one of the column's type.
    package func cast(_ value: String) -> String { "\(value)::\(castType)" }

    /// Returns SQL that is true if the column equals the value. An index on the column can serve it.
    package func equals(_ column: String, _ value: String) -> String {
        guard let equality else { return isSameText(column, "row(\(cast(value)))::pg_catalog.text") }
        // The cast from a domain to its base type changes nothing, so that an index still serves.
        let typed = isDomain ? "(\(column))::\(castType)" : column
        let collated = collation.map { "\(typed) collate \($0.quoted)" } ?? typed
        return "\(collated) \(equality.sql) \(cast(value))"
    }

    /// Returns SQL that is true if the column prints as the value does, or both are NULL. A row prints its
    /// values as the type's output function does. A cast to text does not: it turns `t` into `true`, and cuts
    /// the blanks of char(n).
    func printsAs(_ column: String, _ value: String) -> String {
        // The subquery prints the value once, not for each row.
        isSameText(column, "(select row(\(cast(value)))::pg_catalog.text)")
    }

    private func isSameText(_ column: String, _ text: String) -> String {
        "row(\(column))::pg_catalog.text operator(pg_catalog.=) \(text)"
    }
}
