import Engine
import Glibc
import Postgres

/// The creation of a replication slot. A slot of its name is left from an earlier attempt, and nobody has
/// read from it.
enum SlotCreation {
    /// Attempts to drop the earlier slot and to create this one.
    private static let attemptsMax = 10
    private static let retryMicroseconds: UInt32 = 200_000
    /// The slot exists, is in use, or has just been dropped.
    private static let collisions: Set<String> = ["42710", "55006", "42704"]

    /// Creates a slot in place of an earlier one. Throws the errors of `create`, and the last collision if
    /// the earlier slot stays in use.
    ///
    /// - Parameter create: creates the slot on `stream`
    static func replacing(
        _ name: String, _ connection: borrowing PostgresConnection, _ stream: borrowing ReplicationStream,
        create: () throws -> CreatedSlot
    ) throws -> CreatedSlot {
        var attempts = 0
        while true {
            attempts += 1
            do {
                if try connection.slotState(name) != nil { try stream.dropSlot(name) }
                return try create()
            } catch let error as PostgresError {
                guard collisions.contains(error.sqlState), attempts < attemptsMax else { throw error }
                usleep(retryMicroseconds)
            }
        }
    }
}
