import Foundation
import Glibc
import Journal
import Records

/// How much of the export directory's disk the capture may take; the operator's, and changed at any time.
package struct DiskLimits: Codable, Sendable, Equatable {
    /// With less free on the file system the capture pauses, before the disk is full.
    package var freeBytesMin: Int64
    /// With more of the log not yet applied the capture pauses until there is less; nil for no bound.
    package var queueBytesMax: Int64?

    package init(freeBytesMin: Int64 = Self.freeBytesMinDefault, queueBytesMax: Int64? = nil) {
        self.freeBytesMin = freeBytesMin
        self.queueBytesMax = queueBytesMax
    }

    package static let freeBytesMinDefault: Int64 = 256 << 20
    /// With less the capture would stop and go all the time.
    package static let queueBytesLeast: Int64 = 16 << 20

    /// What is wrong with them, as a sentence; nil where nothing is.
    package var problem: String? {
        if freeBytesMin < 0 { return "the least free space is 0 or more" }
        if let max = queueBytesMax, max < Self.queueBytesLeast {
            return
                "a queue of at most \(Self.text(max)) is too small; give \(Self.text(Self.queueBytesLeast)) or more, or 0 for no "
                + "bound"
        }
        return nil
    }

    /// `at least 256 MB stay free, the queue has no bound`
    package var words: String {
        "at least \(Self.text(freeBytesMin)) stay free, the queue has "
            + (queueBytesMax.map { "at most \(Self.text($0)) that are not applied" } ?? "no bound")
    }

    private static let units = ["B", "KB", "MB", "GB", "TB"]

    /// Reads `512MB`, `10 GB` or a number of bytes; the units are those of PostgreSQL's settings, powers of 1024. Nil for what
    /// is no size.
    package static func bytes(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isNumber }
        let unit = text.dropFirst(digits.count).trimmingCharacters(in: .whitespaces).uppercased()
            .replacing("IB", with: "B")
        guard let number = Int64(digits), let power = unit.isEmpty ? 0 : units.firstIndex(of: unit) else {
            return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << (10 * Int64(power)))
        return overflow ? nil : bytes
    }

    /// The size in the greatest unit in which it is a whole number, or nearly: `10 GB`, `1536 MB`.
    package static func text(_ bytes: Int64) -> String {
        var power = 0
        while power < units.count - 1, bytes >> (10 * (power + 1)) >= 10 || isWhole(bytes, power + 1) {
            power += 1
        }
        return "\(bytes >> (10 * power)) \(units[power])"
    }

    private static func isWhole(_ bytes: Int64, _ power: Int) -> Bool {
        bytes > 0 && bytes % (1 << (10 * Int64(power))) == 0
    }

    /// Why nothing more is to be written below `exportDirectory` for now; nil where there is room, or it cannot be told.
    func shortage(_ exportDirectory: String) -> String? {
        guard let free = diskFreeBytes(exportDirectory), free < freeBytesMin else { return nil }
        return
            "only \(Self.text(free)) are free in \(exportDirectory), below \(Self.text(freeBytesMin)) (--disk-free-min); free "
            + "space (archive changes), or `set disk limits`; it goes on by itself"
    }

    /// The same for a queue of `unapplied` bytes.
    func excess(_ unapplied: Int64) -> String? {
        guard let queueBytesMax, unapplied > queueBytesMax else { return nil }
        return
            "\(Self.text(unapplied)) of changes are not applied yet, above \(Self.text(queueBytesMax)) (--queue-size-max); the "
            + "origin keeps its WAL meanwhile. See what holds the import up, or `set disk limits`; it goes on by itself"
    }
}

/// Bytes an ordinary user may still write on the file system of a path; nil where it cannot be told.
func diskFreeBytes(_ path: String) -> Int64? {
    var facts = statvfs()
    // The struct lives through the call.
    guard unsafe statvfs(path, &facts) == 0 else { return nil }
    return Int64(facts.f_bavail) * Int64(facts.f_frsize)
}
