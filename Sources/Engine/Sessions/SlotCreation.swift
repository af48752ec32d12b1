import Glibc
import Postgres

/// A replication slot made anew: nobody has read from one of its name, which an earlier attempt has left.
enum SlotCreation {
    /// How often the slot of an earlier attempt is dropped and this one tried again.
    private static let attemptsMax = 10
    private static let retryMicroseconds: UInt32 = 200_000
    /// The slot is there already, is in use still, or has just been dropped.
    private static let collisions: Set<String> = ["42710", "55006", "42704"]

    /// Throws what `create` throws, and the last collision where an earlier attempt does not let go of the slot.
    ///
    /// - Parameter create: makes the slot on `stream`
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
