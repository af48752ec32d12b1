/// The state of a slot as the server shows it (manual, view `pg_replication_slots`). A value is nil if this
/// server version does not have it.
package struct SlotState: Sendable, Equatable {
    package var isActive: Bool
    /// WAL that the server retains for it.
    package var retainedBytes: Int64?
    /// `reserved`, `extended`, `unreserved`; `lost` means that changes are gone. Nil if the server keeps no
    /// WAL for its slots, and shows a value all the same.
    package var walStatus: String?
    package var confirmedFlushLSN: LogPosition?
    package var activeProcessID: Int?
    /// WAL that can still be written before the slot may be lost; nil also if there is no limit.
    package var safeBytes: Int64?
    /// Why the slot can no longer be used: `wal_removed`, `idle_timeout` and others.
    package var invalidationReason: String?
    /// The end of the server's log; nil if the server does not tell it.
    package var logEnd: LogPosition?
    /// Bytes of the log that its reader was not sent; nil also without a reader.
    package var unsentBytes: Int64?
    /// Seconds since 1970; nil also while it is in use.
    package var inactiveSince: Double?
    /// The settings by which the server invalidates slots, as it shows them.
    package var keepSizeMax: String?
    package var idleTimeout: String?

    /// Age of the oldest change that is retained for it; only YugabyteDB reports it.
    package var ageSeconds: Double?

    /// Whether commits on the server wait for its reader: it is a synchronous standby, because its name
    /// matches `synchronous_standby_names`.
    package var isAwaited = false

    package init(isActive: Bool = true, walStatus: String? = nil) {
        self.isActive = isActive
        self.walStatus = walStatus
    }

    package var isLost: Bool { walStatus == "lost" || invalidationReason != nil }

    /// Why the slot is lost, and how to keep the next one.
    package var loss: (cause: String, remedy: String) {
        switch invalidationReason {
        case nil, "wal_removed":
            (
                "the server removed WAL that it still needed (wal_status lost)"
                    + (keepSizeMax.map { ": it keeps no more than max_slot_wal_keep_size = \($0)" } ?? ""),
                "with a larger max_slot_wal_keep_size and room for it on the server's disk"
            )
        case "idle_timeout":
            (
                "it was idle for longer than idle_replication_slot_timeout"
                    + (idleTimeout.map { " = \($0)" } ?? ""),
                "with idle_replication_slot_timeout at 0, or longer than an outage may last"
            )
        case "wal_level_insufficient":
            ("wal_level was set below logical", "when wal_level is logical again")
        case "rows_removed":
            ("rows of the catalog that it still needed were removed (rows_removed)", "on a primary server")
        case let reason?:
            ("the server says: \(reason)", "when that is mended")
        }
    }
}
