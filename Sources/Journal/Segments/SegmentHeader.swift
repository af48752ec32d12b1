import Foundation
import Records

/// The first frame of every segment file: what went before it, so that only the last file is ever scanned.
package struct SegmentHeader: Codable, Sendable, Equatable {
    package static let formatVersion = 1

    package var version: Int
    package var number: Int
    package var leg: Int
    package var direction: Direction
    /// Whether the file begins inside a transaction that the file before it began. Where not, a transaction
    /// without its commit at the end of the file before is void.
    package var continuesTransaction: Bool
    /// The last commit before this file.
    package var lastCommitLSN: LSN
    package var transactions: Int64
    /// By table, all files of the leg before this one; the open transaction is not in it.
    package var counts: [QualifiedName: ChangeCounts]
    /// The changes of the transaction that goes on, so far.
    package var openCounts: [QualifiedName: ChangeCounts]

    package init(
        number: Int, leg: Int, direction: Direction, continuesTransaction: Bool, lastCommitLSN: LSN,
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

/// The kinds of frames, the first byte of a payload.
package enum FrameKind: UInt8, Sendable {
    /// A `SegmentHeader` as JSON.
    case header = 0x48
    /// A message of the output plugin, as the server sent it.
    case message = 0x50
}

/// A file begins with these eight bytes.
package let segmentMagic: [UInt8] = Array("SWBKSEG1".utf8)

/// No frame is larger; a length above it is damage. PostgreSQL sends at most 1 GiB a message.
package let framePayloadBytesMax = 1 << 30 + 1 << 20

package func segmentPath(_ exportDirectory: String, number: Int) -> String {
    "\(exportDirectory)/data/queue/segment.\(number).log"
}
