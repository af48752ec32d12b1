import Records

/// The alerts about the stream: what the origin keeps, the disk, the queue, and whether the import keeps up.
extension AlertJudge {
    /// Free space that is little: this many times the least that the capture leaves free. The alert ends at
    /// the greater one.
    private static let diskFactors: (begin: Int64, end: Int64) = (4, 5)
    /// Share of the queue's limit from which the queue is nearly full. The alert ends at the smaller one.
    private static let queueShares = (begin: 0.8, end: 0.7)
    /// Once the import did not catch up, it does again if it needs less time than this.
    private static let caughtUpSecondsMax = 60.0

    var streamAlerts: [Alert] {
        guard isLive else { return [] }
        return [slotAlert, diskAlert, queueAlert, paceAlert].compactMap(\.self)
    }

    /// What the capture has published lately.
    private var recentCapture: CaptureStatus? { capture.flatMap { status.isRecent($0) ? $0 : nil } }

    private func isKept(_ alert: AlertID) -> Bool { facts.kept[alert] != nil }

    private var slotAlert: Alert? {
        guard let capture = recentCapture else { return nil }
        let side = direction.origin
        let kept = capture.retainedWALBytes.map { "\(DiskLimits.text($0)) of WAL" } ?? "WAL"
        let safe = capture.safeWALBytes.map { "after \(DiskLimits.text(max(0, $0))) more it may be lost" }
        let place = name(side).asSentence
        let found: (Severity, String)? =
            switch SlotNotices.condition(of: SlotState(capture), isLow: isKept(.slotAtRisk)) {
            case .reserved: nil
            case .extended:
                (
                    .warning,
                    "\(place) keeps \(kept) for the slot \(capture.slotName), more than its max_wal_size"
                        + (safe.map { "; \($0)." } ?? ", without a limit: see to the space of its disk.")
                )
            case .low:
                (
                    .error,
                    "\(place) keeps \(kept) for the slot \(capture.slotName); "
                        + "\(safe ?? "it may be lost soon")."
                )
            case .unreserved:
                (
                    .critical,
                    "\(place) may remove the WAL of the slot \(capture.slotName) at its next checkpoint, and "
                        + "the migration could not continue. Raise max_slot_wal_keep_size there at once."
                )
            case .lost:
                (
                    .critical,
                    "The slot \(capture.slotName) is lost "
                        + "(\(capture.slotInvalidation ?? "wal_status lost")): changes are gone. "
                        + "Begin the migration again."
                )
            }
        return found.map { Alert(.slotAtRisk, $0.0, $0.1, unblocker: who(runs: side)) }
    }

    private var diskAlert: Alert? {
        guard let capture = recentCapture, let free = capture.diskFreeBytes else { return nil }
        let least = status.diskLimits.freeBytesMin
        let factor = isKept(.diskAtRisk) ? Self.diskFactors.end : Self.diskFactors.begin
        // The least free space may be as large as a number can be.
        guard Double(free) <= Double(least) * Double(factor) else { return nil }
        let isShort = free < least
        return Alert(
            .diskAtRisk, isShort ? raised(.error) : .warning,
            "\(DiskLimits.text(free)) are free on the disk of the export directory; below "
                + "\(DiskLimits.text(least)) the export pauses.",
            unblocker: Self.you, actions: [.setDiskLimits])
    }

    private var queueAlert: Alert? {
        guard let max = status.diskLimits.queueBytesMax, let waits = recentCapture?.unappliedBytes else {
            return nil
        }
        let share = isKept(.queueAtRisk) ? Self.queueShares.end : Self.queueShares.begin
        guard Double(waits) >= share * Double(max) else { return nil }
        return Alert(
            .queueAtRisk, waits > max ? .error : .warning,
            "\(DiskLimits.text(waits)) of changes are not applied yet; above \(DiskLimits.text(max)) the "
                + "export pauses, and the \(direction.origin.rawValue) keeps its WAL meanwhile.",
            unblocker: "the import", actions: [.setDiskLimits])
    }

    private var paceAlert: Alert? {
        guard let capture, let apply, let waits = status.knownRemainingEvents else { return nil }
        let isBehind =
            switch status.timeToCatchUp {
            case .notCatchingUp: true
            case .seconds(let seconds): isKept(.notCatchingUp) && seconds > Self.caughtUpSecondsMax
            // Nothing new is known while the origin is not read.
            case .originUnread, .unknown: isKept(.notCatchingUp) && waits > MigrationStatus.paceEventsMax
            case .caughtUp: false
            }
        guard isBehind else { return nil }
        return Alert(
            .notCatchingUp, .warning,
            "The import is no faster than the export: \(waits) changes wait. In the last minute "
                + "\(Int(apply.eventsPerSecondLastMinute)) changes a second were imported and "
                + "\(Int(capture.eventsPerSecondLastMinute)) exported.",
            unblocker: "a faster \(direction.destination.rawValue), or fewer changes on the "
                + "\(direction.origin.rawValue)")
    }
}

extension SlotState {
    /// The state of the slot that a capture has published.
    fileprivate init(_ capture: CaptureStatus) {
        self.init(walStatus: capture.walStatus)
        retainedBytes = capture.retainedWALBytes
        safeBytes = capture.safeWALBytes
        invalidationReason = capture.slotInvalidation
    }
}
