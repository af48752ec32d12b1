/// A role: the work on one database. A kernel lock keeps each role of a migration to one process.
///
/// The raw value is part of file names in the export directory.
package enum Role: String, Sendable, CaseIterable {
    /// Reads the origin and writes the log.
    case capture
    /// Reads the log and writes the destination.
    case apply
}
