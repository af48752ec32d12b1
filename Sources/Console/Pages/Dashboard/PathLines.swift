import Engine

extension MigrationStatus {
    /// The way of the changes in one line: what each hop takes, and what waits before the last.
    func pathLine(isStale: Bool) -> PageLine {
        guard let path else { return PageLine("No change is on its way.", .textMuted) }
        func hop(_ seconds: Double?) -> String { "─\(seconds.map { duration($0) } ?? unknown)─▶" }
        let waits = path.queued.events.map { "\($0) " } ?? "\(unknown) "
        let size = path.queued.bytes.map { "(\(bytes($0))) " } ?? ""
        let all = path.applied.seconds.map { "  lag " + duration($0) } ?? ""
        return PageLine(
            "committed \(hop(path.received.seconds)) exported, \(waits)\(size)queued "
                + "\(hop(path.queued.seconds)) applied\(all)" + (isStale ? " ?" : ""),
            isStale ? .dataStale : .text)
    }

    /// What the slot and the disk still have room for, and when the first of them is in danger at this pace.
    func dangerLine(isStale: Bool) -> PageLine {
        guard let clock = dangerClock else {
            return PageLine("WAL kept \(unknown), disk \(unknown)", .textMuted)
        }
        func end(_ place: DangerClock.Place, _ words: String) -> String {
            guard clock.first == place, let seconds = clock.secondsLeft else { return "" }
            return seconds > 0 ? ", \(words) in \(duration(seconds.rounded(.down)))" : ", \(words) now"
        }
        var parts: [String] = []
        if let slot = clock.slot {
            let limit = slot.limitBytes.map { " of \(bytes($0))" } ?? ", no limit"
            parts.append("WAL kept \(bytes(slot.usedBytes))\(limit)\(end(.slot, "slot at risk"))")
        }
        if let disk = clock.disk {
            parts.append("disk room \(bytes(disk.leftBytes))\(end(.disk, "at its limit"))")
        }
        let seconds = clock.secondsLeft ?? .infinity
        let token: Token =
            seconds < Self.dangerSoonSeconds
            ? .statusError : seconds < Self.dangerFarSeconds ? .statusWarn : .text
        return PageLine(parts.joined(separator: "   ") + (isStale ? " ?" : ""), isStale ? .dataStale : token)
    }

    /// Time below which a danger is shown as an error, and from which on it is only told.
    private static let dangerSoonSeconds = 3600.0
    private static let dangerFarSeconds = 86400.0
}
