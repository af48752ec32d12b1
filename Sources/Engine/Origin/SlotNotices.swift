import Records

/// Notices about a slot, made from one check after another: one whenever the slot's condition changes. A
/// value without I/O.
struct SlotNotices: Sendable {
    /// The danger that a slot is in, from least to most.
    enum Condition: Int, Comparable, Sendable {
        case reserved
        /// The server keeps more than `max_wal_size` for the slot.
        case extended
        /// After a little more WAL the slot may be lost.
        case low
        /// The next checkpoint may remove its WAL.
        case unreserved
        case lost

        static func < (left: Condition, right: Condition) -> Bool { left.rawValue < right.rawValue }
    }

    /// A message to the operator about the slot.
    struct Notice: Equatable, Sendable {
        let level: LogEvent.Level
        let text: String
    }

    /// Share of the WAL limit below which the remaining WAL is low. It counts as low until the share is twice
    /// as much, so that a slot near the limit does not get a notice at every check.
    static let safeShareMin = 0.25

    private(set) var condition = Condition.reserved
    private var isAwaited = false

    /// Takes the result of a check; returns the notice that is due.
    mutating func check(_ slot: SlotState, name: String, at server: String) -> Notice? {
        let before = condition
        condition = Self.condition(of: slot, isLow: before == .low)
        guard condition != before else { return nil }
        let kept = slot.retainedBytes.map { "\(DiskLimits.text($0)) of WAL" } ?? "WAL"
        let safe = slot.safeBytes.map { DiskLimits.text(max(0, $0)) }
        let remedy = "find what delays the export or the import, or raise max_slot_wal_keep_size there"
        switch condition {
        case .lost: return nil  // It stops the capture, whose error says so.
        case .unreserved:
            return Notice(
                level: .warning,
                text:
                    "\(server) may remove the WAL of slot \(name) at its next checkpoint (wal_status "
                    + "unreserved), and the migration could not continue: raise max_slot_wal_keep_size there "
                    + "at once, then find what delays the export"
            )
        case .low:
            return Notice(
                level: .warning,
                text:
                    "\(server) keeps \(kept) for slot \(name), and after \(safe ?? "little") more it may be "
                    + "lost (safe_wal_size): \(remedy)")
        case .extended where before < .extended:
            return Notice(
                level: .warning,
                text:
                    "\(server) keeps \(kept) for slot \(name), more than its max_wal_size (wal_status "
                    + "extended)"
                    + (safe.map { "; after \($0) more the slot may be lost: \(remedy)" }
                        ?? ", without a limit: make sure that its disk has space, and find what delays the "
                        + "export or the import")
            )
        case .reserved, .extended:
            return Notice(
                level: .info,
                text:
                    "slot \(name) at \(server) is out of danger: wal_status \(slot.walStatus ?? "reserved"), "
                    + "\(kept) kept"
            )
        }
    }

    /// Takes the same result; returns a notice if commits on the server begin to wait for the slot's reader.
    mutating func checkAwaited(_ slot: SlotState?, at server: String) -> Notice? {
        let before = isAwaited
        isAwaited = slot?.isAwaited ?? false
        guard isAwaited, !before else { return nil }
        return Notice(
            level: .warning,
            text:
                "every commit at \(server) waits for Switchback, which counts as a synchronous standby "
                + "there, and would wait for ever while it is stopped: name only the intended standbys in "
                + "synchronous_standby_names, not '*' or this one"
        )
    }

    /// The condition of a slot.
    ///
    /// - Parameter isLow: whether its remaining WAL was low before
    static func condition(of slot: SlotState, isLow: Bool) -> Condition {
        if slot.isLost { return .lost }
        if slot.walStatus == "unreserved" { return .unreserved }
        if let safe = slot.safeBytes, let retained = slot.retainedBytes {
            let share = Double(max(0, safe)) / Double(max(1, max(0, safe) + max(0, retained)))
            if share < (isLow ? 2 : 1) * safeShareMin { return .low }
        }
        return slot.walStatus == "extended" ? .extended : .reserved
    }
}

extension CaptureStatus {
    /// Takes the values of a slot's state; keeps the old ones if the server has no such slot.
    mutating func note(_ slot: SlotState?, at now: Double) {
        guard let slot else { return }
        slotReadAt = secondsNow()
        retainedWALBytes = slot.retainedBytes
        walStatus = slot.walStatus
        safeWALBytes = slot.safeBytes
        slotInvalidation = slot.invalidationReason
        slotInactiveSince = slot.inactiveSince
        originLogEnd = slot.logEnd
        unsentBytes = slot.unsentBytes
        originReadAt = now
    }

    /// Removes the slot's values, which are stale.
    mutating func forgetSlot() {
        slotReadAt = nil
        retainedWALBytes = nil
        walStatus = nil
        safeWALBytes = nil
        slotInvalidation = nil
        slotInactiveSince = nil
        retainedWALPerSecond = nil
        originLogEnd = nil
        unsentBytes = nil
    }
}

/// Returns the refusal for a lost slot, nil if it is not lost: which slot, the cause, what is lost with it,
/// and the remedy.
///
/// - Parameters:
///   - slot: nil if the server has no slot of that name any more
///   - lost: the changes that are lost, as the subject of a sentence: `the changes after 0/16B3748`
func lostSlotRefusal(_ slot: SlotState?, name: String, at server: String, lost: String) -> RequestRefused? {
    guard let slot else {
        return RequestRefused(
            "the slot \(name) is gone from \(server): somebody dropped it; \(lost) are lost with it, and "
                + "nothing can bring them back: begin a new migration")
    }
    guard slot.isLost else { return nil }
    let (cause, remedy) = slot.loss
    return RequestRefused(
        "the slot \(name) at \(server) is lost: \(cause); \(lost) are lost with it, and nothing can bring "
            + "them back: begin a new migration, \(remedy)")
}
