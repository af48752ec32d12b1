import Records

/// An origin whose changes are streamed.
package protocol StreamedOrigin: Sendable {
    /// Checks that this is the database the migration began with, and reads how it keeps the leg's changes.
    func logState() throws -> OriginLogState

    /// Reads how it keeps the leg's changes, over a session of its own; nil if it does not, or not any more.
    ///
    /// - Parameter name: the session's name on the server, after our prefix
    func slotState(as name: String) throws -> SlotState?

    /// Connects a stream of the leg's changes, and checks that this is the database the migration began with.
    /// The stream is not started yet.
    func openStream() throws -> any OriginStream

    /// Returns a session for the checks beside the stream.
    ///
    /// - Parameter name: the session's name on the server, after our prefix
    func monitor(as name: String) -> any OriginMonitorSession

    /// Writes a barrier in a transaction of its own. The call does not wait until the stream has confirmed
    /// that transaction: its caller is the one that confirms.
    func writeLastBarrier(_ content: String) throws
}

/// How an origin keeps the changes that a leg has not confirmed.
package struct OriginLogState: Sendable {
    /// Nil if the origin keeps nothing for the leg any more.
    package let slot: SlotState?
    /// The server as messages name it.
    package let place: String

    package init(slot: SlotState?, place: String) {
        self.slot = slot
        self.place = place
    }
}

/// A stream of a leg's changes over one connection, used by one thread.
///
/// **Messages.** They are those of Records/LogMessages. Each transaction is a begin, its changes and a
/// commit. A relation message precedes the first change of its table, and the first one after the table has
/// got another form. Values are text, in the form that the destination reads. A barrier is a logical message
/// with the prefix of `Barrier`, or a row of its table. If open transactions were asked for, a transaction
/// may instead come in blocks before its commit, between a stream start and a stream stop;
/// `StreamedTransactions` puts it together.
/// **Order.** Transactions come in the order of their positions, and each has a greater one than the one
/// before. The end that a commit names is beyond its position, and not beyond the next one. The changes of a
/// transaction come in the order in which they were made.
/// **Ends.** The end of a commit or of the log bounds what is below it: every transaction with a smaller
/// position was sent. One that is exactly there may still come.
/// **Duplicates.** A stream begins with the first transaction that is not below the confirmed position, and
/// may begin earlier: then it sends transactions again, whole, with the same positions and the same changes.
/// **Durability.** The origin keeps every transaction that is not below the confirmed position, also while
/// nobody is connected. It may discard the others. The caller confirms a position only if everything below
/// it is durable in its log.
/// **Errors.** After an error the stream cannot be used any more. A `DatabaseError` has a `streamFault` if
/// the server ended the running stream.
/// **Cancellation.** No call waits longer than `waitMilliseconds` for a message; `start` is bounded by the
/// connection's timeouts.
package protocol OriginStream: AnyObject {
    /// The server as messages name it.
    var place: String { get }
    /// The transport, which decides how often the socket is read.
    var way: StreamWay { get }
    /// Whether this origin can send transactions before their commit.
    var canSendOpenTransactions: Bool { get }

    /// Reads the timeline of the origin's log and its end; nil if the origin has none. Throws a lost
    /// connection while a standby is being promoted: its log has no end of its own yet.
    func timeline() throws -> ServerTimeline?

    /// Reads at which positions a timeline and those before it began.
    func switches(of timeline: UInt32) throws -> [ServerTimeline.Switch]

    /// Time for which the stream is ours without a check of the monitor, from its start and from each check;
    /// nil if the origin itself keeps the stream to one reader. The caller reads no longer than that.
    var claimSeconds: Double? { get }

    /// Starts the stream with the first transaction that is not below the confirmed position. Throws an error
    /// with the condition `.inUse` while an earlier stream of the leg has not ended, or another export
    /// directory reads it, and `RequestRefused` if the log is not that of the last reader.
    ///
    /// - Parameter logged: the last commit in the log
    func start(openTransactions: Bool, logged: LogPosition) throws

    /// Lends the messages that have come, until `message` returns false or none is left; waits for the first
    /// one at most `waitMilliseconds`.
    func next(waitMilliseconds: Int, message: (RawSpan) throws -> Bool) throws -> StreamEvent

    /// Reads bytes that have come into memory, so that the server can send more. Returns whether there were
    /// any and more may have come.
    func takeIn() throws -> Bool

    /// Sets how many bytes end the wait of `next`.
    func wake(atBytes bytes: Int32)

    /// Tells the origin that everything below a position is durable in the log.
    ///
    /// - Parameter now: seconds since 1970
    func confirm(_ position: LogPosition, at now: Double) throws
}

/// A session for the checks of an origin beside the stream. It connects at its first use, and anew after an
/// error; one thread uses it.
package protocol OriginMonitorSession: AnyObject {
    /// Reads how the origin keeps the leg's changes. Renews our claim to the stream, if the origin does not
    /// keep it to one reader by itself; throws `RequestRefused` if another export directory has taken it.
    ///
    /// - Parameter logged: the last commit in the log that is durable; nil if that is not known
    func logState(logged: LogPosition?) throws -> OriginLogState

    /// Writes a change that moves an idle slot forward. Returns a warning, once, if the origin refuses that;
    /// then no heartbeat is written any more.
    func writeHeartbeat() throws -> String?

    /// Reads the tables and partitions of the migration's schemas as of one moment.
    func catalog() throws -> SeenCatalog

    /// Returns those of the tables whose changes are not streamed, or not all of them.
    func unpublished(of tables: [QualifiedName]) throws -> [QualifiedName]

    /// Whether a partition has rows from before it was attached, which were not streamed; nil if that cannot
    /// be known. The call waits a bounded time for a lock on the partition; then it throws an error that
    /// refuses the statement.
    func hasRowsFromBeforeAttachment(_ partition: QualifiedName) throws -> Bool?

    /// Tells by which transactions the rows of a partition's new file were written. It waits and throws as
    /// `hasRowsFromBeforeAttachment` does.
    func rows(ofPartition partition: QualifiedName, before oldest: UInt32, of transaction: UInt32) throws
        -> PartRows

    /// Whether a transaction has altered a column of a table.
    func hasAltered(_ table: QualifiedName, by transaction: UInt32?) throws -> Bool
}

/// The catalog of an origin as a check has read it.
package struct SeenCatalog: Sendable {
    package let catalog: OriginCatalog
    /// The oldest transaction that was open just before; nil if the origin has no such numbers.
    package let oldestTransaction: UInt32?
    /// The end of the log just after: what the catalog shows was written before it. Nil if the origin has
    /// none.
    package let logEnd: LogPosition?
    /// Time that the reading took, without that of a connection.
    package let readSeconds: Double

    package init(
        catalog: OriginCatalog, oldestTransaction: UInt32?, logEnd: LogPosition?, readSeconds: Double
    ) {
        self.catalog = catalog
        self.oldestTransaction = oldestTransaction
        self.logEnd = logEnd
        self.readSeconds = readSeconds
    }
}
