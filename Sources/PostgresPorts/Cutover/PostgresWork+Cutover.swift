import Engine
import Postgres
import Records

/// What both databases of a cutover read.
extension PostgresWork {
    func sequences(
        ofTables tables: [QualifiedName], reading choose: ([SequenceDefinition]) -> [SequenceDefinition]
    ) throws -> FoundSequences {
        try sequences(ofTables: tables, on: try context.connect(side, as: "cutover"), reading: choose)
    }

    func sequences(
        ofTables tables: [QualifiedName], on connection: borrowing PostgresConnection,
        reading choose: ([SequenceDefinition]) -> [SequenceDefinition]
    ) throws -> FoundSequences {
        let found = try connection.sequences(ofTables: tables, inSchemas: try context.record().schemas)
        var values: [SequenceValue] = []
        for sequence in choose(found) { values.append(try connection.state(of: sequence)) }
        return FoundSequences(definitions: found, values: values)
    }

    /// Reads the shapes of these tables, in name order.
    func shapes(of tables: [QualifiedName], on connection: borrowing PostgresConnection) throws
        -> [TableShape]
    {
        let names = Set(tables)
        return try connection.shapes(inSchemas: try context.record().schemas).values
            .filter { names.contains($0.name) }.sorted { $0.name < $1.name }
    }
}
