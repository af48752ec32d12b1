import Engine
import Postgres
import Records

/// The destination's steps of a cutover.
extension PostgresDestination {
    func facts(
        ofTables tables: [QualifiedName], streamsBack: Bool,
        reading choose: ([SequenceDefinition]) -> [SequenceDefinition]
    ) throws -> DestinationFacts {
        let connection = try context.connect(side, as: "cutover")
        let found = try sequences(ofTables: tables, on: connection, reading: choose)
        return DestinationFacts(
            shapes: try shapes(of: tables, on: connection), sequences: found.definitions,
            values: found.values, lacks: streamsBack ? try identityLacks(connection, tables) : [],
            triggers: try connection.alwaysTriggers(on: tables))
    }

    func setSequences(_ values: [SequenceValue]) throws -> Int {
        let connection = try context.connect(side, as: "cutover")
        var count = 0
        for value in values where try connection.setSequence(value) { count += 1 }
        return count
    }
}
