import Journal
import Records

// MARK: The origin

/// A session that starts the snapshot of an origin. There is one at a time.
///
/// The publication comes before the snapshot, and `checkContinuity` before a snapshot is created: a later
/// command could end it. `catalog` and `plan` come after a snapshot; within `plan` only `tables` and `pages`
/// are called. The session ends with the object. A snapshot that it created outlives it.
package protocol SnapshotStartSession: AnyObject {
    /// The database as messages name it: `host:port/database`.
    var place: String { get }
    /// The role of this session.
    var user: String { get }

    /// Lists the tables of the schemas that can be migrated, in name order, with their columns and parts.
    /// Within `plan`, as of the snapshot.
    func tables(inSchemas schemas: [String]) throws -> [Table]

    /// Lists the relations of the schemas that are not migrated as tables, in name order.
    func otherRelations(inSchemas schemas: [String]) throws -> [OtherRelation]

    /// Reads by what the rows of these tables, and of their parts, are identified in the stream.
    func identities(of tables: [QualifiedName]) throws -> [TableIdentity]

    /// Lists those of the tables, and of their leaves, that hide rows from `user`.
    func filteredTables(among tables: [Table]) throws -> [QualifiedName]

    /// Lists the objects that a migration of these tables does not carry. An error that refuses the statement
    /// leaves the session usable.
    func uncarriedObjects(of tables: [QualifiedName]) throws -> [UncarriedObject]

    /// Whether the origin already publishes the changes of the leg.
    func isPublished() throws -> Bool

    /// Whether the stream carries messages that this session's role writes. Otherwise barriers are rows of a
    /// table of ours.
    func carriesMessages() throws -> Bool

    /// Makes the origin publish the changes of these tables for the leg. Records the publication first, and
    /// replaces one that an earlier attempt left.
    ///
    /// - Parameter withBarrierRows: whether the table of the barrier rows is created and published, too
    func publish(_ tables: [QualifiedName], withBarrierRows: Bool) throws

    /// Throws if the origin's log does not continue what was taken from it: `RequestRefused`, or a lost
    /// connection if that cannot be known yet.
    func checkContinuity() throws

    /// Creates the leg's place in the origin's log, from which the origin keeps the log, and a snapshot at
    /// the same position. Records the place first, and replaces one that an earlier attempt left and that
    /// nothing was read from.
    ///
    /// Waits without a bound for the transactions that are open in the origin; a stop ends the wait.
    ///
    /// - Parameter waiting: called about once a second with the sessions that are waited for, as an operator
    ///   reads them
    func createFirstSnapshot(waiting: ([String]) -> Void) throws -> any OriginSnapshot

    /// Creates a later snapshot, for what is left to copy. It changes nothing that outlives the snapshot, and
    /// waits as `createFirstSnapshot` does.
    func createLaterSnapshot(waiting: ([String]) -> Void) throws -> any OriginSnapshot

    /// Reads the origin's catalog as of the snapshot that this session created, and the number below which
    /// every transaction had ended before it. Nil if the origin has no such numbers or no such snapshot.
    func catalog(inSchemas schemas: [String]) throws -> (catalog: OriginCatalog, oldest: UInt32)?

    /// Runs `body`; what it reads of this session it reads as of the snapshot that this session created. Not
    /// usable any more after an error.
    func plan(_ body: () throws -> Void) throws

    /// Returns the pages of a leaf, by which its copy is divided into chunks. 0 if the leaf is gone, or if
    /// the origin reads a whole leaf for each part of it.
    func pages(of leaf: QualifiedName) throws -> Int
}

/// A snapshot of the origin: rows as of one position of its log. It is valid as long as this object lives and
/// its connection to the origin lasts.
package protocol OriginSnapshot: AnyObject {
    /// Commits at or above this position are streamed; those below are in the rows.
    var position: LogPosition { get }
    /// The snapshot for the threads that copy its rows; nil if the origin lets no other session read it.
    var shared: (any SharedSnapshot)? { get }
}

/// A snapshot of the origin as several threads read it.
package protocol SharedSnapshot: Sendable {
    /// Connects a reader. Throws a `DatabaseError` of condition `snapshotGone` if the snapshot is not valid
    /// any more.
    func reader() throws -> any SnapshotReader
}

/// A session that reads rows as of a snapshot. It belongs to one thread.
package protocol SnapshotReader: AnyObject {
    /// Lends the rows of a chunk, one by one and in no order that means anything, and returns their number.
    ///
    /// The bytes of a row are PostgreSQL's text COPY format (manual chapter "COPY", "Text Format"), newline
    /// included: these columns in this order, separated by tabs, `\N` for NULL. Data files have the same
    /// format. The bytes may be read within the call only.
    ///
    /// Throws `TableRewritten` if the origin no longer has the rows that the snapshot shows, perhaps after it
    /// has lent others. After an error, also one of `row`, the session is not usable any more.
    func read(_ chunk: StoredChunk, columns: [Column], row: (RawSpan) throws -> Void) throws -> Int

    /// Ends the reading. Without it the session ends with the object.
    func finish() throws
}

/// A table was emptied or rewritten after the snapshot was taken and before its copy began. Older snapshots
/// do not see the old rows then: the copy found none, or others, and has to be made under a later snapshot.
package struct TableRewritten: Error, CustomStringConvertible {
    package let table: QualifiedName

    package init(table: QualifiedName) { self.table = table }

    package var description: String {
        "\(table) was truncated, rewritten, or lost a partition before its copy began; it is copied again "
            + "under a later snapshot"
    }
}

// MARK: The destination

/// A session that prepares a destination for the rows of a snapshot.
package protocol FillStartSession: AnyObject {
    /// The database as messages name it: `host:port/database`.
    var place: String { get }

    /// Keeps triggers and foreign keys of the tables from taking effect on what this session writes, and on
    /// what the snapshot's writers write. Throws if its role may not do that.
    func suppressTriggers(on tables: [QualifiedName]) throws

    /// Creates what is missing of the metadata of this migration.
    func createMetadata() throws

    /// Returns another migration whose metadata the database has; nil if there is none.
    func otherMigration() throws -> String?

    /// Lists the tables of the schemas that can be filled, in name order, with their columns and parts.
    func tables(inSchemas schemas: [String]) throws -> [Table]

    /// Lists those of the tables that exist and that a crash of the server would empty.
    func unloggedTables(among names: [QualifiedName]) throws -> [QualifiedName]

    /// Lists those of the tables that have rows although this migration has copied none into them, in the
    /// given order.
    func tablesFilledByOthers(among tables: [Table]) throws -> [QualifiedName]

    /// Whether this migration has copied chunks into the table.
    func hasChunks(of table: QualifiedName) throws -> Bool

    /// Whether the chunk's table has chunks of another generation of its copy.
    func hasOlderChunks(than chunk: StoredChunk) throws -> Bool

    /// Removes the rows of a table and the notes of its chunks, in one transaction. First waits for the end
    /// of copies that are under way, also of a process that has died.
    func clear(_ table: QualifiedName) throws
}

/// A session that writes the rows of a snapshot. It belongs to one thread.
///
/// It writes each chunk and a note of it in one transaction. So a chunk is written once, even if it is copied
/// again because the answer of a commit was lost. When a function returns, the chunk is durable in the
/// destination. After an error, also one of a closure, nothing of the chunk is there, unless only the answer
/// of the commit was lost, and the session is not usable any more.
package protocol SnapshotWriter: AnyObject {
    /// Writes a chunk that is read from the origin. Returns the number of its rows.
    ///
    /// - Parameter rows: gives the rows to the closure that it gets, in the format of `SnapshotReader.read`.
    ///   The bytes of a call need not end at a row's end.
    func copy(
        _ chunk: StoredChunk, columns: [Column],
        rows: (_ put: (RawSpan) throws -> Void) throws -> Void
    ) throws -> Int

    /// Writes a chunk that was exported to a file. Does nothing with the file if the chunk was written
    /// before.
    ///
    /// - Parameters:
    ///   - path: the file as messages name it
    ///   - prove: called before the first row is written; throws if the file is not that of the chunk
    ///   - rows: gives the file's bytes to the closure that it gets
    ///   - check: called before the commit, with the number of rows that the destination has taken; throws if
    ///     it is wrong
    func importFile(
        _ chunk: StoredChunk, columns: [Column], from path: String, prove: () throws -> Void,
        rows: (_ put: (RawSpan) throws -> Void) throws -> Void, check: (_ rows: Int) throws -> Void
    ) throws
}
