import Records

/// A slot as the server shows it (manual, view `pg_replication_slots`); nil where this version of it does not tell.
package struct SlotState: Sendable, Equatable {
    package var isActive: Bool
    /// WAL the server keeps for it.
    package var retainedBytes: Int64?
    /// `reserved`, `extended`, `unreserved`; `lost` means that changes are gone for ever.
    package var walStatus: String?
    package var confirmedFlushLSN: LSN?
    package var activeProcessID: Int?
    /// As much more WAL may be written before the slot may be lost; nil also where there is no limit.
    package var safeBytes: Int64?
    /// `wal_removed`, `idle_timeout` and others: why the slot is of no use any more.
    package var invalidationReason: String?
    /// Seconds since 1970; nil also while it is in use.
    package var inactiveSince: Double?
    /// The settings by which the server gives a slot up, as it shows them.
    package var keepSizeMax: String?
    package var idleTimeout: String?

    /// What is kept for it begins so long ago; YugabyteDB alone tells.
    package var ageSeconds: Double?

    /// Whether who commits on the server waits until its reader has confirmed: it counts as a synchronous standby, because its
    /// name matches `synchronous_standby_names`.
    package var isAwaited = false

    package init(isActive: Bool = true, walStatus: String? = nil) {
        self.isActive = isActive
        self.walStatus = walStatus
    }

    package var isLost: Bool { walStatus == "lost" || invalidationReason != nil }

    /// Why the slot is lost, and what keeps the next one from it.
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

extension PostgresConnection {
    package func slotState(_ name: String) throws(PostgresError) -> SlotState? {
        guard
            let row = try query(file: PackageResources.read_slot_sql, [name], doing: "look at slot \(name)")
                .rows.first
        else { return nil }
        var slot = SlotState(isActive: row[0] == "true", walStatus: row[2])
        slot.retainedBytes = row[1].flatMap { Int64($0) }
        slot.confirmedFlushLSN = row[3].flatMap { LSN($0) }
        slot.activeProcessID = row[4].flatMap { Int($0) }
        slot.safeBytes = row[5].flatMap { Int64($0) }
        slot.invalidationReason = row[6]
        slot.inactiveSince = row[7].flatMap { Double($0) }
        slot.keepSizeMax = row[8]
        slot.idleTimeout = row[9]
        slot.isAwaited = row[10] == "true"
        slot.ageSeconds = row[11].flatMap { Double($0) }
        return slot
    }
}
