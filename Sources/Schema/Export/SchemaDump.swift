import Records

/// A cast as pg_dump would write it.
package struct DumpedCast: Equatable, Sendable {
    let name: String
    let sql: String
}

/// The output of pg_dump, split into its session settings and its objects by kind. The objects keep the
/// dump's order, in which they can be restored.
package struct SchemaDump: Sendable {
    package let settings: [SQLStatement]
    package let objects: [SchemaObjectType: [SchemaObject]]

    /// - Parameters:
    ///   - text: the output of pg_dump
    ///   - extensionSchemas: schemas that its extensions need and that it does not create
    ///   - casts: casts of its schemas, which it does not create either
    package init(text: String, extensionSchemas: [String] = [], casts: [DumpedCast] = []) throws(SchemaError)
    {
        let script = try SchemaScript(
            text: text + extensionSchemas.map { Self.creation(ofSchema: $0) }.joined()
                + casts.map { Self.creation(of: $0) }.joined(),
            file: "temp/schema.sql",
            type: .uncategorized)
        settings = script.settings
        var byType: [SchemaObjectType: [SchemaObject]] = [:]
        var accessMethod: SQLStatement?
        for object in script.objects {
            // These settings are written before the comment line of their object, so that they are read as
            // the end of the object before.
            var statements = object.statements
            var method = accessMethod
            while let last = statements.last, let setting = Self.storageSetting(last) {
                if setting == "default_table_access_method" { method = last }
                statements.removeLast()
            }
            if !statements.isEmpty {
                let type = SchemaObjectType(
                    dumpType: object.header?.type ?? "", firstStatement: statements.first)
                if let accessMethod, Self.needs(accessMethod, object) {
                    statements.insert(Self.local(accessMethod), at: 0)
                }
                byType[type, default: []].append(
                    SchemaObject(
                        type: type, header: object.header, file: "schema/" + type.path, line: object.line,
                        statements: statements))
            }
            accessMethod = method
        }
        objects = byType
    }

    /// The text of each file that has objects. Every file has the session settings, so that it also runs
    /// alone in psql.
    package var fileTexts: [SchemaObjectType: String] {
        objects.mapValues { objects in
            var text = "-- Settings of the session; the import applies them to every object below.\n\n"
            text += settings.map { $0.text + "\n" }.joined()
            for object in objects {
                text += "\n"
                if let header = object.header { text += "\n" + header.comment + "\n\n" }
                text += object.statements.map { $0.text + "\n" }.joined(separator: "\n")
            }
            return text
        }
    }

    /// Returns a schema as pg_dump writes one, except that the target may have it already.
    private static func creation(ofSchema name: String) -> String {
        // A comment ends at the end of its line.
        let oneLine = name.map { $0.isNewline ? " " : String($0) }.joined()
        let header = ObjectHeader(name: oneLine, type: "SCHEMA", schema: nil)
        return "\n\(header.comment)\n\nCREATE SCHEMA IF NOT EXISTS \(quoteIdentifier(name));\n"
    }

    private static func creation(of cast: DumpedCast) -> String {
        let oneLine = cast.name.map { $0.isNewline ? " " : String($0) }.joined()
        let header = ObjectHeader(name: oneLine, type: "CAST", schema: nil)
        return "\n\(header.comment)\n\n\(cast.sql);\n"
    }

    private static func storageSetting(_ statement: SQLStatement) -> String? {
        guard statement.begins(["set"]), statement.tokens.count > 1 else { return nil }
        let name = statement.tokens[1].text
        return ["default_table_access_method", "default_tablespace"].contains(name) ? name : nil
    }

    private static func needs(_ accessMethod: SQLStatement, _ object: SchemaObject) -> Bool {
        ["TABLE", "MATERIALIZED VIEW"].contains(object.header?.type)
            && accessMethod.tokens.last?.text != "heap"
    }

    /// Returns the setting for the object's own transaction only.
    private static func local(_ setting: SQLStatement) -> SQLStatement {
        SQLStatement(
            text: "SET LOCAL" + setting.text.dropFirst(3), line: setting.line, tokens: setting.tokens)
    }
}
