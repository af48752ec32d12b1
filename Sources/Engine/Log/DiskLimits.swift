import Foundation
import Glibc
import Journal
import Records

/// Limits on the disk space that the capture may take for the export directory. The operator may change them
/// at any time.
package struct DiskLimits: Codable, Sendable, Equatable {
    /// Free bytes of the file system below which the capture pauses, before the disk is full.
    package var freeBytesMin: Int64
    /// Unapplied bytes of the log above which the capture pauses; nil for no limit.
    package var queueBytesMax: Int64?

    package init(freeBytesMin: Int64 = Self.freeBytesMinDefault, queueBytesMax: Int64? = nil) {
        self.freeBytesMin = freeBytesMin
        self.queueBytesMax = queueBytesMax
    }

    package static let freeBytesMinDefault: Int64 = 256 << 20
    /// Smallest accepted `queueBytesMax`: below it the capture would pause all the time.
    package static let queueBytesLeast: Int64 = 16 << 20

    /// A sentence that says what is wrong with the limits; nil if they are legal.
    package var problem: String? {
        if freeBytesMin < 0 { return "the least free space must be 0 or more" }
        if let max = queueBytesMax, max < Self.queueBytesLeast {
            return
                "a queue of at most \(Self.text(max)) is too small; give \(Self.text(Self.queueBytesLeast)) "
                + "or more, or 0 for no bound"
        }
        return nil
    }

    /// `at least 256 MB stay free, the queue has no bound`
    package var words: String {
        "at least \(Self.text(freeBytesMin)) stay free, the queue has "
            + (queueBytesMax.map { "at most \(Self.text($0)) that are not applied" } ?? "no bound")
    }

    private static let units = ["B", "KB", "MB", "GB", "TB"]

    /// Reads `512MB`, `10 GB` or a number of bytes; nil for any other text. The units are those of
    /// PostgreSQL's settings, powers of 1024.
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

    /// Writes a size in the greatest unit in which it is a whole number, or at least 10: `10 GB`, `1536 MB`.
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

    /// A sentence that says why the capture pauses for lack of free space; nil if there is enough, or it is
    /// unknown.
    func shortage(_ exportDirectory: String) -> String? {
        guard let free = diskFreeBytes(exportDirectory), free < freeBytesMin else { return nil }
        return
            "only \(Self.text(free)) are free in \(exportDirectory), below \(Self.text(freeBytesMin)) "
            + "(--disk-free-min); free space (archive changes), or `set disk limits`; the capture continues "
            + "by itself"
    }

    /// A sentence that says why the capture pauses for `unapplied` bytes of log; nil if that is within the
    /// limit.
    func excess(_ unapplied: Int64) -> String? {
        guard let queueBytesMax, unapplied > queueBytesMax else { return nil }
        return
            "\(Self.text(unapplied)) of changes are not applied yet, above \(Self.text(queueBytesMax)) "
            + "(--queue-size-max); the origin keeps its WAL meanwhile. See what delays the import, or `set "
            + "disk limits`; the capture continues by itself"
    }
}

/// Returns the free bytes for an ordinary user on the file system of a path; nil if unknown.
func diskFreeBytes(_ path: String) -> Int64? {
    var facts = statvfs()
    // Sound: struct and C string live through the call.
    guard unsafe statvfs(path, &facts) == 0 else { return nil }
    return Int64(facts.f_bavail) * Int64(facts.f_frsize)
}
