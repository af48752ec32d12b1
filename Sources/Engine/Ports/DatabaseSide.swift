import Records
import Schema

/// The source or the target, for work that does not depend on a leg.
package protocol DatabaseSide: PlannedDatabase, CheckedDatabase, ComparedDatabase, SharedDatabase {}

/// A database that is checked before the start, and whose schema is exported or imported.
///
/// Each call has sessions of its own, which end with it. An error is thrown at once: no call waits for a
/// database that is away.
package protocol CheckedDatabase: Sendable {
    /// Connects once, and changes nothing. Throws the database's reason if it takes no connections, or no
    /// writes, for now.
    func answers() throws

    /// Reads a name that no other database has, and that stays when host, port or user change.
    func identity() throws -> DatabaseIdentity

    /// Reads which product it is, and which release: the rules that its schema has to obey depend on them.
    func analysisTarget() throws -> AnalysisTarget

    /// Checks whether the migration can be made with this database, and changes nothing.
    ///
    /// The results are in the order in which they are shown. A first connection that fails is a failed check;
    /// a later error is thrown. Facts of the other side are used if this process reaches it; its own checks
    /// report if it does not.
    ///
    /// - Parameter forFallBack: whether to check also what only a fall-back needs
    func checks(forFallBack: Bool) throws -> [CheckResult]

    /// Performs a fix, statement by statement, as the role that moves the data. The first error ends it; what
    /// was done before stays.
    func perform(_ fix: CheckFix) throws

    /// Returns a warning for each migrated table in which no index finds the row of a change. On the target
    /// the journal's tables say by which columns rows are found, once the export has begun.
    func lookupChecks() throws -> [CheckResult]

    /// Reads the relations of the migration's schemas.
    func tableFacts() throws -> TableFacts

    /// Reads the tables of the migration's schemas as the operator chooses among them, in name order.
    func offeredTables() throws -> [OfferedTable]

    /// Reads the objects of this source that a migration of the tables does not carry. If the role may not
    /// read them, the error is one that refuses a statement (`DatabaseError.refusesStatement`).
    func uncarriedObjects(of tables: [QualifiedName]) throws -> [UncarriedObject]

    /// Writes the definitions of the migration's schemas into the files.
    ///
    /// The files appear in one step, durably. Until then, and after any failure, an earlier export stays as
    /// it was. Without `startClean` an earlier export is left alone. An error is a `SchemaError`.
    ///
    /// - Parameter line: gets each line about the progress
    func exportSchema(to files: SchemaFiles, startClean: Bool, line: (String) -> Void) throws
        -> SchemaExportResult

    /// Creates the objects of the files, each in a transaction of its own and in an order in which it finds
    /// what it needs. After a crash the same call completes the work. An error is a
    /// `SchemaError`.
    ///
    /// - Parameter line: gets each line about the progress
    func importSchema(from files: SchemaFiles, _ options: SchemaImportOptions, line: (String) -> Void) throws
        -> SchemaImportResult
}

/// The identity of a database, with the place where it was read.
package struct DatabaseIdentity: Sendable, Equatable {
    /// A text that is only compared.
    package let identity: String
    /// The place as messages name it.
    package let place: String

    package init(identity: String, place: String) {
        self.identity = identity
        self.place = place
    }
}

/// The relations of a migration's schemas, as one database has them.
package struct TableFacts: Sendable, Equatable {
    /// The tables that can be migrated, in name order.
    package let tables: [Table]
    /// The relations that cannot.
    package let others: [OtherRelation]

    package init(tables: [Table], others: [OtherRelation]) {
        self.tables = tables
        self.others = others
    }
}

/// A database whose tables are compared, and from which what is ours is removed at the end.
package protocol ComparedDatabase: Sendable {
    /// Reads the tables of the migration's schemas, as the catalog has them now. It waits a few seconds for
    /// locks, and then throws an error with the condition `.conflict`.
    func tables() throws -> [Table]

    /// Reads a text about each table's storage. It is another one after whatever changes the rows of the
    /// table and is not in the log: DDL that writes them again or gives a column another number, a partition
    /// that comes, goes or gets another file, another publication. It may be another one without such a
    /// change.
    ///
    /// - Parameter publication: the one that publishes the tables here, if this is the origin
    func storage(of tables: [QualifiedName], publication: String) throws -> [QualifiedName: String]

    /// Reads the number of rows and a checksum of each table, as `rows:checksum`, as of one moment if the
    /// database can do that. Equal rows have equal checksums on every database of the migration, whatever
    /// their order. The columns are those of `tables`.
    ///
    /// - Parameters:
    ///   - begin: called before each table
    ///   - proceed: called before each table, and about once a second; its error ends the call
    func checksums(of tables: [Table], begin: (Table) -> Void, meanwhile proceed: () throws -> Void) throws
        -> [QualifiedName: String]

    /// Returns a reader of rows, for their comparison with those of the other side.
    ///
    /// - Parameters:
    ///   - name: of its sessions
    ///   - proceed: called about once a second while the reader waits for the database; its error ends the
    ///     reading
    func rowReader(as name: String, meanwhile proceed: @escaping () throws -> Void) -> any RowReader

    /// Checks the rows of the foreign keys that `CutoverDatabase.restoreEffects` has brought back, one after
    /// the other, while the application writes. A key that rows violate stays as it is, with an error in the
    /// event log.
    ///
    /// - Parameters:
    ///   - line: gets each line about the progress
    ///   - proceed: called about once a second; its error ends the call, and another call continues
    func finishForeignKeys(line: (String) -> Void, meanwhile proceed: () throws -> Void) throws

    /// Refreshes the materialized views of the migration's schemas, each after those that it reads. One that
    /// cannot be refreshed keeps its rows.
    ///
    /// - Parameters:
    ///   - line: gets each view when it is done; its error ends the call
    ///   - proceed: called before each view and about once a second; its error ends the call
    func refreshViews(
        each line: (RefreshedView) throws -> Void, meanwhile proceed: () throws -> Void
    ) throws

    /// Connects to remove what is ours. First ends the sessions that an earlier attempt of the same work has
    /// left. Throws `RequestRefused` if the database is not the one that the migration began with; records
    /// its identity if none is recorded yet.
    ///
    /// - Parameter work: the work, which names the session
    func startRemoval(for work: String) throws -> any RemovalSession
}

/// A materialized view that was refreshed, or could not be.
package struct RefreshedView: Sendable, Equatable {
    package let name: QualifiedName
    package let seconds: Double
    /// Why it could not be refreshed; nil if it was.
    package let failure: String?

    package init(name: QualifiedName, seconds: Double, failure: String? = nil) {
        self.name = name
        self.seconds = seconds
        self.failure = failure
    }
}

/// A session that removes what is ours from a database. Each of its functions does nothing if there is
/// nothing left, and can be repeated after a crash.
package protocol RemovalSession: AnyObject {
    /// The server as messages name it.
    var place: String { get }

    /// Lets everybody write again, and then undoes every recorded change of the side, newest first. It waits
    /// a bounded time for a slot in use, also after a stop was requested.
    func undoChanges() throws

    /// Returns the changes that a leg has stashed here.
    func stashedChanges(of leg: Leg) throws -> any StashedChanges

    /// Removes the migration's metadata.
    func removeMetadata() throws
}
