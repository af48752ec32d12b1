import Records

extension PostgresConnection {
    package func slotState(_ name: String) throws(PostgresError) -> SlotState? {
        guard
            let row = try query(file: PackageResources.read_slot_sql, [name], doing: "read slot \(name)")
                .rows.first
        else { return nil }
        var slot = SlotState(isActive: row[0] == "true", walStatus: row[2])
        slot.retainedBytes = row[1].flatMap { Int64($0) }
        slot.confirmedFlushLSN = row[3].flatMap { LSN(lsn: $0) }
        slot.activeProcessID = row[4].flatMap { Int($0) }
        slot.safeBytes = row[5].flatMap { Int64($0) }
        slot.invalidationReason = row[6]
        slot.inactiveSince = row[7].flatMap { Double($0) }
        slot.keepSizeMax = row[8]
        slot.idleTimeout = row[9]
        slot.isAwaited = row[10] == "true"
        slot.ageSeconds = row[11].flatMap { Double($0) }
        slot.logEnd = row[12].flatMap { LSN(lsn: $0) }
        slot.unsentBytes = row[13].flatMap { Int64($0) }.map { max(0, $0) }
        return slot
    }
}
