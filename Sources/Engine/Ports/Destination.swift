/// The database that a leg writes.
package protocol Destination: AppliedDestination, FilledDestination, ReleasedDestination {}

/// A destination to which changes are applied.
package protocol AppliedDestination: Sendable {}

/// A destination that is filled with the rows of a snapshot.
package protocol FilledDestination: Sendable {}

/// A destination to which a cutover brings the application.
package protocol ReleasedDestination: Sendable {}
