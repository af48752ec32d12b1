/// One statement of the schema's files with its parse tree and the queries in it.
struct ParsedStatement: Sendable {
    /// Its place among the statements of the analysis.
    let number: Int
    let statement: SQLStatement
    let type: SchemaObjectType
    /// The file's path, relative to the export directory.
    let file: String
    /// The name that its comment line or its first words give.
    let label: String
    /// Nil if it cannot be parsed, or if only YugabyteDB knows the whole statement.
    let tree: Node?
    let fault: SyntaxFault?
    /// What of it PostgreSQL 15 does not know.
    let later: [LaterSyntax]
    let queries: [EmbeddedQuery]

    init(_ statement: SQLStatement, number: Int, in object: SchemaObject) {
        self.number = number
        self.statement = statement
        type = object.type
        file = object.file
        label = object.name
        do {
            let parsed = try Self.parse(statement)
            tree = parsed.tree
            later = parsed.later
            fault = nil
            queries = parsed.tree.map { EmbeddedQuery.queries(in: $0, of: statement) } ?? []
        } catch {
            tree = nil
            fault = error
            later = RewrittenStatement(statement).found
            queries = []
        }
    }

    private static func parse(_ statement: SQLStatement) throws(SyntaxFault) -> (
        tree: Node?, later: [LaterSyntax]
    ) {
        do {
            return (try SQLParser.statements(of: statement.text).first, [])
        } catch {
            if ["create", "alter", "drop"].contains(where: { statement.begins([$0, "tablegroup"]) }) {
                return (nil, [LaterSyntax(name: "TABLEGROUP", origin: .yugabyteDB, offset: 0)])
            }
            let rewritten = RewrittenStatement(statement)
            guard !rewritten.found.isEmpty else { throw error }
            // The place of the first fault is the one that the operator can see in the file.
            guard let trees = try? SQLParser.statements(of: rewritten.text) else { throw error }
            return (trees.first, rewritten.found)
        }
    }
}
