/// The database that a leg reads.
package protocol Origin: StreamedOrigin, CopiedOrigin, ReleasedOrigin {}

/// An origin whose rows are copied under a snapshot.
package protocol CopiedOrigin: Sendable {}

/// An origin from which a cutover takes the application away.
package protocol ReleasedOrigin: Sendable {}
