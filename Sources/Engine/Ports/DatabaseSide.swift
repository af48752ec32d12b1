import Records

/// The source or the target, for work that does not depend on a leg.
package protocol DatabaseSide: CheckedDatabase, ComparedDatabase {}

/// A database that is checked before the start, and whose schema is exported or imported.
package protocol CheckedDatabase: Sendable {}

/// A database whose tables are compared, and from which what is ours is removed.
package protocol ComparedDatabase: Sendable {
    /// Reads the tables of the migration's schemas, as the catalog has them now.
    func tables() throws -> [Table]

    /// Reads the number of rows and a checksum of each table, as `rows:checksum`, as of one moment if the
    /// database can do that. Equal rows have equal checksums on every database of the migration, whatever
    /// their order. The columns are those of `tables`.
    ///
    /// - Parameter proceed: called before each table; its error ends the call
    func checksums(of tables: [Table], meanwhile proceed: () throws -> Void) throws -> [QualifiedName: String]

    /// Throws `RequestRefused` if this is not the database that the migration began with; records its
    /// identity if none is recorded yet.
    func checkIdentity() throws

    /// Lets everybody write again, and then undoes every recorded change of the side, newest first. It waits
    /// a bounded time for a slot in use. It passes over what is undone already.
    func undoChanges() throws

    /// Carries the changes that a leg has stashed here over to the journal and the error file.
    func carryOverStashed(of leg: Leg) throws

    /// Removes the migration's metadata. Does nothing if there is none.
    func removeMetadata() throws
}
