import Foundation
import GRDB
import Records

/// Table names in the form in which earlier versions stored them: `schema.name` without quotes.
///
/// Such a text is read back by its first dot. It is misread where the schema's name contains a dot, or where
/// a name begins with a quote. A plan that names the wrong table would send rows to another channel than
/// before, so the list of the migrated tables decides which table a text means.
enum EarlierNames {
    /// Rewrites the names that would be misread, in documents, requests and incidents. Runs once, before a
    /// journal of an earlier version is read the first time. A text that means two of the tables stays
    /// as it is: that version took these two for one.
    static func rewrite(_ database: Database) throws {
        for (stored, table) in try misread(database) {
            let (old, new) = (try literal(stored), try literal(table.description))
            for before in ["{", ","] {
                try replace("\(before)\(old):", "\(before)\(new):", documents, database)
            }
            try replace("\"table\":\(old)", "\"table\":\(new)", documents, database)
            for before in ["[", ","] {
                try replace(
                    before + old, before + new,
                    "json_objects set json_text = replace(json_text, ?, ?) "
                        + "where key = 'migration_status'", database)
            }
            try replace(
                "\"_0\":\(old)", "\"_0\":\(new)", "request set request_json = replace(request_json, ?, ?)",
                database)
            try database.execute(
                sql: "update incident set table_name = ? where table_name = ?",
                arguments: [table.description, stored])
        }
    }

    /// Documents with names of types, and of columns, keep them: those were stored in another form.
    private static let documents =
        "json_objects set json_text = replace(json_text, ?, ?) where key not glob 'types_*' and key not glob "
        + "'table_*'"

    private static func misread(_ database: Database) throws -> [(String, QualifiedName)] {
        let tables = try Row.fetchAll(database, sql: "select schema_name, table_name from migrated_table").map
        {
            QualifiedName(schema: $0["schema_name"] as String, name: $0["table_name"] as String)
        }
        let today = Set(tables.map { Identifier($0.description) })
        let byText = Dictionary(grouping: tables) { Identifier($0.unquoted) }
        return byText.compactMap { text, tables in
            guard let table = tables.first, tables.count == 1, !today.contains(text),
                QualifiedName(parsing: text.text) != table
            else { return nil }
            return (text.text, table)
        }
    }

    /// A string as the documents have it.
    private static func literal(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }

    private static func replace(_ old: String, _ new: String, _ update: String, _ database: Database) throws {
        try database.execute(sql: "update " + update, arguments: [old, new])
    }
}
