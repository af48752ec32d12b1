import Engine
import Postgres
import Records

/// The destination's steps of a cutover.
extension PostgresDestination {
    func setSequences(_ values: [SequenceValue]) throws -> Int {
        let connection = try context.connect(side, as: "cutover")
        var count = 0
        for value in values where try connection.setSequence(value) { count += 1 }
        return count
    }
}
