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

    /// Something in a file that no import can run.
    enum Fault: Equatable {
        /// A string, name or comment has no end.
        case unterminated(line: Int, what: String)
        /// A line is a command of psql.
        case psqlCommand(line: Int)
    }

    /// Reads a file's text; any fault in it is an error.
    package init(text: String, file: String, type: SchemaObjectType) throws(SchemaError) {
        let read = Self.read(text: text, file: file, type: type)
        switch read.faults.first {
        case .unterminated(let line, let what): throw .unterminated(file: file, line: line, what: what)
        case .psqlCommand(let line): throw .psqlCommand(file: file, line: line)
        case nil: self = read.script
        }
    }

    init(file: String, settings: [SQLStatement], objects: [SchemaObject]) {
        self.file = file
        self.settings = settings
        self.objects = objects
    }

    /// Reads what can be read of a file's text. Statements before the first comment line, and each further
    /// CREATE under one, are objects of their own: people add such statements by hand.
    static func read(text: String, file: String, type: SchemaObjectType) -> (
        script: SchemaScript, faults: [Fault]
    ) {
        let (items, unterminated) = SQLScanner.itemsUntilFault(of: text)
        var settings: [SQLStatement] = []
        var objects: [SchemaObject] = []
        var faults: [Fault] = []
        var underHeader = false
        for item in items {
            switch item {
            case .psqlCommand(let command, let line):
                // pg_dump writes these two around its output since the releases of August 2025.
                if !["\\restrict", "\\unrestrict"].contains(command.split(separator: " ").first) {
                    faults.append(.psqlCommand(line: line))
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
        if let unterminated {
            faults.insert(.unterminated(line: unterminated.line, what: unterminated.what), at: 0)
        }
        let script = SchemaScript(
            file: file, settings: settings, objects: objects.filter { !$0.statements.isEmpty })
        return (script, faults)
    }
}

extension SchemaObject {
    fileprivate func takes(_ statement: SQLStatement) -> Bool {
        !statement.begins(["create"]) || statements.allSatisfy(\.isSetting)
    }
}
