import Records

/// The name of a table in `ybvoyager_imported_event_count_by_table.table_name`: `schema.table`, as yb-voyager
/// writes it. The schema is quoted if it contains a dot or a quote.
///
/// Nothing else is quoted, because the column takes 250 characters: two names of 63 bytes each fit.
extension QualifiedName {
    package var countedAs: String {
        let isPlain = !schema.text.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "\"") }
        return (isPlain ? schema.text : quoteIdentifier(schema)) + "." + name.text
    }

    package init(countedAs text: String) {
        var rest = text.unicodeScalars[...]
        var schema = String.UnicodeScalarView()
        if rest.first == "\"" {
            rest.removeFirst()
            while let scalar = rest.popFirst() {
                if scalar == "\"", rest.first != "\"" { break }
                if scalar == "\"" { rest.removeFirst() }
                schema.append(scalar)
            }
        } else {
            schema = String.UnicodeScalarView(rest.prefix { $0 != "." })
            rest = rest.dropFirst(schema.count)
        }
        self.init(schema: String(schema), name: String(rest.dropFirst()))
    }
}
