import Foundation
import Records

/// The first frame of a segment: a summary of the segments before it, so that recovery scans only the newest
/// one.
package struct SegmentHeader: Codable, Sendable, Equatable {
    package static let formatVersion = 1

    package var version: Int
    package var number: Int
    package var leg: Int
    package var direction: Direction
    /// Whether the segment continues a transaction of the segment before it. If not, a transaction without a
    /// commit at the end of that one is void.
    package var continuesTransaction: Bool
    /// The last commit LSN before this segment.
    package var lastCommitLSN: LogPosition
    package var transactions: Int64
    /// Changes by table in all segments of the leg before this one, without the open transaction.
    package var counts: [QualifiedName: ChangeCounts]
    /// Changes by table of the continued transaction, before this segment.
    package var openCounts: [QualifiedName: ChangeCounts]

    package init(
        number: Int, leg: Int, direction: Direction, continuesTransaction: Bool, lastCommitLSN: LogPosition,
        transactions: Int64, counts: [QualifiedName: ChangeCounts], openCounts: [QualifiedName: ChangeCounts]
    ) {
        version = Self.formatVersion
        self.number = number
        self.leg = leg
        self.direction = direction
        self.continuesTransaction = continuesTransaction
        self.lastCommitLSN = lastCommitLSN
        self.transactions = transactions
        self.counts = counts
        self.openCounts = openCounts
    }
}

/// The kind of a frame: the first byte of its payload.
package enum FrameKind: UInt8, Sendable {
    /// A `SegmentHeader` as JSON.
    case header = 0x48
    /// A message of the output plugin, as the server sent it.
    case message = 0x50
}

/// The first eight bytes of a segment.
package let segmentMagic: [UInt8] = Array("SWBKSEG1".utf8)

/// Largest payload of a frame; a greater length is damage. A message of PostgreSQL has at most 1 GiB.
package let framePayloadBytesMax = 1 << 30 + 1 << 20

/// Returns the path of a segment.
package func segmentPath(_ exportDirectory: String, number: Int) -> String {
    "\(exportDirectory)/data/queue/segment.\(number).log"
}
