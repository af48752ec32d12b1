import Foundation
import Journal
import Postgres
import Records
import Support

/// The newest segment file after a simulated power loss: a part of what was written, and perhaps the start of
/// a next frame.
enum TornTail {
    /// Truncates the file at a random byte that was not confirmed to the server, and may append a torn frame.
    /// Call it while no capture runs and the slot is inactive at `confirmed`. Returns what it did.
    static func tear(
        exportDirectory: String, leg: Int, confirmed: LogPosition, _ random: inout Randomness
    ) throws -> String {
        guard let number = try segmentNumbers(exportDirectory).max() else { return "there is no segment" }
        guard let whole = try look(exportDirectory, number, confirmed: confirmed), whole.leg == leg else {
            return "segment \(number) is of another leg"
        }
        let keeps = random.below(3) == 0
        // Bytes that are known to be on the disk stay, also if their confirmation was lost.
        let durable = try Journal(exportDirectory: exportDirectory, create: false).segments()
            .first { $0.number == number }?.durableBytes
        let least = min(max(whole.confirmedEnd, durable ?? 0), whole.end)
        let end = keeps ? whole.end : least + random.below(whole.end - least + 1)
        var tail: [UInt8] = []
        switch random.below(5) {
        case 0: tail = random.bytes(1 + random.below(7))
        case 1:
            // The start of a frame that is longer than its part in the file.
            let length = 40 + random.below(100_000)
            tail = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: length >> $0) } + random.bytes(4)
            tail += random.bytes(random.below(min(length, 5000)))
        case 2: tail = [UInt8](repeating: 0, count: 1 + random.below(5000))
        default: break
        }
        // A torn frame follows only whole frames: after half a frame it would be another kind of damage.
        if end < whole.end, !whole.ends.contains(end) { tail = [] }
        let file = try FileHandle(
            forUpdating: URL(fileURLWithPath: segmentPath(exportDirectory, number: number)))
        try file.truncate(atOffset: UInt64(end))
        try file.seekToEnd()
        try file.write(contentsOf: Data(tail))
        try file.close()
        return
            "segment \(number) cut from \(whole.end) to \(end) (confirmed \(confirmed), byte "
            + "\(whole.confirmedEnd), durable \(durable ?? 0)), "
            + "\(tail.count) torn bytes behind it"
    }

    private struct Whole {
        var leg = 0
        /// The bytes of whole frames in the file; the server does not send those before `confirmedEnd` again.
        var end = 0
        var confirmedEnd = 0
        var ends: Set<Int> = []
    }

    private static func look(_ exportDirectory: String, _ number: Int, confirmed: LogPosition) throws
        -> Whole?
    {
        var reader = SegmentReader(exportDirectory: exportDirectory, from: number)
        var whole: Whole?
        while true {
            var isConfirmed = false
            let frame: SegmentReader.Frame
            do {
                frame = try reader.next { message in
                    if case .commit(_, let endLSN, _) = try ChangeMessage.decode(message) {
                        isConfirmed = endLSN <= confirmed
                    }
                }
            } catch is JournalError {
                // Zeros of an earlier power loss, which no capture has removed yet.
                return whole
            }
            switch frame {
            case .header(let header):
                whole = Whole(leg: header.leg)
                isConfirmed = true
            case .message: break
            case .end: return whole
            }
            whole?.end = reader.offset
            whole?.ends.insert(reader.offset)
            if isConfirmed { whole?.confirmedEnd = reader.offset }
        }
    }
}
