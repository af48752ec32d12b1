import Records

/// An equality operator with its schema, so that no search_path decides which one is meant.
package struct EqualityOperator: Hashable, Sendable {
    package let schema: String
    /// `=`, for nearly all types.
    package let name: String

    package init(schema: String, name: String) {
        self.schema = schema
        self.name = name
    }

    var sql: String { "operator(\(quoteIdentifier(schema)).\(name))" }
}

/// How a value that was sent is compared with a column of the destination.
package struct ColumnComparison: Hashable, Sendable {
    /// The type to cast a value to: of a domain its base type, with its schema, and without a length of characters or bits,
    /// which would cut off what the column refuses.
    package let castType: String
    /// The column's type is a domain. Operators on enums, arrays and ranges do not take one.
    package let isDomain: Bool
    /// Nil where the type has no equality, as `json`.
    package let equality: EqualityOperator?
    /// What the index that finds the row sorts by, where that is not the column's own collation.
    package let collation: QualifiedName?
    /// Equal values have one text. It is not so of `numeric`, where 1.0 equals 1.00.
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

    /// The comparison by another operator, that of an index.
    func by(_ equality: EqualityOperator, _ collation: QualifiedName?) -> ColumnComparison {
        ColumnComparison(
            castType: castType, isDomain: isDomain, equality: equality, collation: collation,
            isExact: isExact && equality == self.equality && collation == nil)
    }

    /// A value as one of the column's type.
    package func cast(_ value: String) -> String { "\(value)::\(castType)" }

    /// SQL that is true where the column equals the value. An index on the column can serve it.
    package func equals(_ column: String, _ value: String) -> String {
        guard let equality else { return isSameText(column, "row(\(cast(value)))::pg_catalog.text") }
        // The cast is none in binary form, so that an index still serves.
        let typed = isDomain ? "(\(column))::\(castType)" : column
        let collated = collation.map { "\(typed) collate \($0.quoted)" } ?? typed
        return "\(collated) \(equality.sql) \(cast(value))"
    }

    /// SQL that is true where the column prints as the value does, or both are NULL. A row prints its values as the type's
    /// output function does, where a cast to text would not: it makes `true` of `t`, and cuts the blanks of char(n).
    func printsAs(_ column: String, _ value: String) -> String {
        // The value is printed once, not for each row.
        isSameText(column, "(select row(\(cast(value)))::pg_catalog.text)")
    }

    private func isSameText(_ column: String, _ text: String) -> String {
        "row(\(column))::pg_catalog.text operator(pg_catalog.=) \(text)"
    }
}
