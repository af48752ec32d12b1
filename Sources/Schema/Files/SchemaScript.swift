/// One object of a schema file: its comment line and the statements under it.
package struct SchemaObject: Equatable, Sendable {
    package let type: SchemaObjectType
    /// Nil for a statement that was added by hand without a comment line.
    package let header: ObjectHeader?
    /// The file's path, relative to the export directory.
    package let file: String
    /// The line on which the object begins.
    package let line: Int
    package var statements: [SQLStatement]

    /// Its name in progress lines and messages: `table shop.orders`.
    package var label: String {
        guard let header else { return statements.first?.label ?? "statement" }
        let name = header.schema.map { "\($0).\(header.name)" } ?? header.name
        return "\(header.type.lowercased()) \(name)"
    }

    /// Its name as `schema.name` without its kind, for reports.
    package var name: String {
        guard let header else { return statements.first?.tableName ?? label }
        return header.schema.map { "\($0).\(header.name)" } ?? header.name
    }
}

/// A file of the schema as it is read: session settings, then objects.
package struct SchemaScript: Equatable, Sendable {
    package let file: String
    package let settings: [SQLStatement]
    package let objects: [SchemaObject]

    /// Reads a file's text. Statements before the first comment line, and each further CREATE under one, are
    /// objects of their own: people add such statements by hand.
    package init(text: String, file: String, type: SchemaObjectType) throws(SchemaError) {
        let items: [SQLScanner.Item]
        do {
            items = try SQLScanner.items(of: text)
        } catch {
            throw .unterminated(file: file, line: error.line, what: error.what)
        }
        var settings: [SQLStatement] = []
        var objects: [SchemaObject] = []
        var underHeader = false
        for item in items {
            switch item {
            case .psqlCommand(let command, let line):
                // pg_dump writes these two around its output since the releases of August 2025.
                guard ["\\restrict", "\\unrestrict"].contains(command.split(separator: " ").first) else {
                    throw .psqlCommand(file: file, line: line)
                }
            case .header(let header, let line):
                objects.append(
                    SchemaObject(type: type, header: header, file: file, line: line, statements: []))
                underHeader = true
            case .statement(let statement):
                if !underHeader, objects.isEmpty, statement.isSetting {
                    settings.append(statement)
                } else if underHeader, objects[objects.count - 1].takes(statement) {
                    objects[objects.count - 1].statements.append(statement)
                } else {
                    objects.append(
                        SchemaObject(
                            type: type, header: nil, file: file, line: statement.line, statements: [statement]
                        ))
                    underHeader = false
                }
            }
        }
        self.file = file
        self.settings = settings
        self.objects = objects.filter { !$0.statements.isEmpty }
    }
}

extension SchemaObject {
    fileprivate func takes(_ statement: SQLStatement) -> Bool {
        statements.isEmpty || !statement.begins(["create"])
    }
}
