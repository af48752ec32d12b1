import Postgres
import Records

/// What is told of a slot, look after look: a sentence whenever its condition changes, and none while it stays. A value; it
/// asks nothing.
struct SlotNotices: Sendable {
    /// From good to worse.
    enum Condition: Int, Comparable, Sendable {
        case reserved
        /// The server keeps more than `max_wal_size` for the slot.
        case extended
        /// Little may be written any more before the slot may be lost.
        case low
        /// The next checkpoint may take it.
        case unreserved
        case lost

        static func < (left: Condition, right: Condition) -> Bool { left.rawValue < right.rawValue }
    }

    struct Notice: Equatable, Sendable {
        let level: LogEvent.Level
        let text: String
    }

    /// Below this part of what the server would keep at most, the room left is called low; and it is called so until there
    /// is twice as much, so that a slot on the brink is not told of at every look.
    static let safeShareMin = 0.25

    private(set) var condition = Condition.reserved
    private var isAwaited = false

    /// Takes a look; what is to be told of it.
    mutating func check(_ slot: SlotState, name: String, place: String) -> Notice? {
        let before = condition
        condition = Self.condition(of: slot, isLow: before == .low)
        guard condition != before else { return nil }
        let kept = slot.retainedBytes.map { "\(DiskLimits.text($0)) of WAL" } ?? "WAL"
        let safe = slot.safeBytes.map { DiskLimits.text(max(0, $0)) }
        let remedy = "see what holds the export or the import up, or raise max_slot_wal_keep_size there"
        switch condition {
        case .lost: return nil  // It stops the capture, which says it.
        case .unreserved:
            return Notice(
                level: .warning,
                text:
                    "\(place) may remove the WAL of slot \(name) at its next checkpoint (wal_status unreserved), and the "
                    + "migration could not go on: raise max_slot_wal_keep_size there at once, then see what holds the export up"
            )
        case .low:
            return Notice(
                level: .warning,
                text:
                    "\(place) keeps \(kept) for slot \(name), and after \(safe ?? "little") more it may be lost "
                    + "(safe_wal_size): \(remedy)")
        case .extended where before < .extended:
            return Notice(
                level: .warning,
                text:
                    "\(place) keeps \(kept) for slot \(name), more than its max_wal_size (wal_status extended)"
                    + (safe.map { "; after \($0) more the slot may be lost: \(remedy)" }
                        ?? ", without a limit: see that its disk has room, and what holds the export or the import up")
            )
        case .reserved, .extended:
            return Notice(
                level: .info,
                text:
                    "slot \(name) at \(place) is out of danger: wal_status \(slot.walStatus ?? "reserved"), \(kept) kept"
            )
        }
    }

    /// Takes the same look; what is to be told where commits on the server begin to wait for the slot's reader.
    mutating func checkAwaited(_ slot: SlotState?, place: String) -> Notice? {
        let before = isAwaited
        isAwaited = slot?.isAwaited ?? false
        guard isAwaited, !before else { return nil }
        return Notice(
            level: .warning,
            text:
                "every commit at \(place) waits for Switchback, which counts as a synchronous standby there, and would wait for "
                + "ever while it is stopped: name the standbys in synchronous_standby_names that are meant, not '*' or this one"
        )
    }

    private static func condition(of slot: SlotState, isLow: Bool) -> Condition {
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
    /// Takes over what the server says of the slot; nil where it has none.
    mutating func note(_ slot: SlotState?) {
        guard let slot else { return }
        retainedWALBytes = slot.retainedBytes
        walStatus = slot.walStatus
        safeWALBytes = slot.safeBytes
        slotInvalidation = slot.invalidationReason
        slotInactiveSince = slot.inactiveSince
    }

    /// What was noted last is too old to be shown.
    mutating func forgetSlot() {
        retainedWALBytes = nil
        walStatus = nil
        safeWALBytes = nil
        slotInvalidation = nil
        slotInactiveSince = nil
    }
}

/// The one message of a slot that is lost: which one, why, what is lost with it, and what is to be done.
///
/// - Parameters:
///   - slot: nil where there is none of that name any more.
///   - lost: what nothing can bring back, as the sentence's subject: `the changes after 0/16B3748`.
func lostSlotRefusal(_ slot: SlotState?, name: String, place: String, lost: String) -> RequestRefused? {
    guard let slot else {
        return RequestRefused(
            "the slot \(name) is gone from \(place): somebody dropped it; \(lost) are lost with it, and nothing can bring them "
                + "back: begin a new migration")
    }
    guard slot.isLost else { return nil }
    let (cause, remedy) = slot.loss
    return RequestRefused(
        "the slot \(name) at \(place) is lost: \(cause); \(lost) are lost with it, and nothing can bring them back: begin a new "
            + "migration, \(remedy)")
}
