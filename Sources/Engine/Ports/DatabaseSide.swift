/// The source or the target, for work that does not depend on a leg.
package protocol DatabaseSide: CheckedDatabase, ComparedDatabase {}

/// A database that is checked before the start, and whose schema is exported or imported.
package protocol CheckedDatabase: Sendable {}

/// A database whose tables are compared, and from which what is ours is removed.
package protocol ComparedDatabase: Sendable {}
