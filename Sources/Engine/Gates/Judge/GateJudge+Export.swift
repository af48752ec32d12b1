import Records

/// The gates of what the export needs: its slot and its disk.
extension GateJudge {
    /// Age from which a reading of the slot is too old; the capture reads it every few seconds.
    private static let slotSecondsMax = 60.0
    /// Free space that is little: this many times the least that the capture leaves free.
    private static let diskFactor: Int64 = 4

    var slot: Gate {
        let title = "The slot on the \(originSide.rawValue) keeps what is not read"
        guard let capture else { return unpublished(.slot, title, exportWork) }
        func gate(_ state: Gate.State, _ found: String, _ remedy: String = "") -> Gate {
            Gate(.slot, title: title, state, found: found, remedy: remedy, readAt: capture.slotReadAt)
        }
        guard let readAt = capture.slotReadAt else {
            return unmeasured(.slot, title, "the slot was not read yet")
        }
        guard abs(facts.now - readAt) <= Self.slotSecondsMax else {
            return unmeasured(.slot, title, "the slot was last read \(Int(abs(facts.now - readAt))) s ago")
        }
        let status = capture.walStatus
        if status == "lost" || capture.slotInvalidation != nil {
            return gate(
                .red, "the slot is lost: \(capture.slotInvalidation ?? "lost")",
                "begin the migration again: changes are gone")
        }
        if status == "unreserved" {
            return gate(
                .amber, "the server may remove what the slot needs",
                "raise max_slot_wal_keep_size, or let the export catch up")
        }
        let retained = capture.retainedWALBytes.map { "\(DiskLimits.text($0)) of WAL retained" }
        let words = [status, retained].compactMap(\.self).joined(separator: ", ")
        return gate(.green, words.isEmpty ? "no loss is known" : words)
    }

    var disk: Gate {
        let title = "The export directory has space"
        guard let capture, let limits = stream?.diskLimits else {
            return unpublished(.disk, title, exportWork)
        }
        guard let free = capture.diskFreeBytes else {
            return unmeasured(.disk, title, "the free space is not known yet")
        }
        let state: Gate.State =
            free <= limits.freeBytesMin
            ? .red : free / Self.diskFactor <= limits.freeBytesMin ? .amber : .green
        return Gate(
            .disk, title: title, state, found: "\(DiskLimits.text(free)) free",
            wanted: "more than \(DiskLimits.text(limits.freeBytesMin))",
            remedy: state == .green ? "" : "free space, or archive applied segments",
            readAt: capture.publishedAt)
    }
}
