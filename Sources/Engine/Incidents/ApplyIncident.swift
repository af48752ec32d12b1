import Records

/// The error with which apply stops at a change that met no row, or several, or that the destination refused.
package struct ApplyIncident: Error, Sendable, CustomStringConvertible {
    /// The table of the change; several if the server refused a whole transaction, none for the metadata
    /// tables.
    package let tables: [QualifiedName]
    package let commitLSN: LogPosition
    package let reason: String

    package init(tables: [QualifiedName], commitLSN: LogPosition, reason: String) {
        self.tables = tables
        self.commitLSN = commitLSN
        self.reason = reason
    }

    package var description: String {
        "the change of the transaction at \(commitLSN) cannot be applied to \(Self.words(tables)): "
            + "\(reason); the transaction was rolled back and nothing after it was applied. Check that "
            + "table on the destination, mend it, and start again"
    }

    /// Returns the tables as a message names them.
    package static func words(_ tables: [QualifiedName]) -> String {
        tables.isEmpty ? "the tables in ybvoyager_metadata" : tables.listed
    }
}
