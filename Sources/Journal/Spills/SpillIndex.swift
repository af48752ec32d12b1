/// An index of a spill file that finds the first change of a subtransaction, so that its changes can be cut
/// off when it is rolled back.
///
/// It is a value without I/O. It takes 16 bytes for each piece of about a mebibyte, however many
/// subtransactions there are.
///
/// PostgreSQL's numbering of nested transactions makes the cut a suffix of the file. While a subtransaction X
/// is open, every other one of the same transaction that gets a number is inside X and gets a later number.
/// The enclosing ones have earlier numbers and write nothing. So the changes of X and of all inside it are
/// the frames after the last one with an earlier number than X.
package struct SpillIndex: Sendable {
    /// A piece of the file, with the earliest number in it and the number of its last frame that has one.
    private struct Piece {
        /// Offset of its first frame with a number.
        let start: Int
        var earliest: UInt32
        var last: UInt32
    }

    /// The action that cuts a subtransaction off.
    package enum Cut: Sendable, Equatable {
        case nothing
        case at(Int)
        /// The cut is in this range, where `Scan` finds it. If it finds none, the cut is at `otherwise`.
        case scan(Range<Int>, otherwise: Int?)
    }

    /// Size at which a piece ends and the next one begins.
    private let pieceBytes: Int
    package static let pieceBytes = 1 << 20

    private var pieces: [Piece] = []
    package private(set) var bytes = 0

    package init(pieceBytes: Int = SpillIndex.pieceBytes) { self.pieceBytes = pieceBytes }

    /// Records an appended frame. One without a number (0) belongs to no subtransaction; it neither begins
    /// nor ends one.
    package mutating func append(frameBytes: Int, number: UInt32) {
        let start = bytes
        bytes += frameBytes
        guard number != 0 else { return }
        guard let last = pieces.indices.last, start - pieces[last].start < pieceBytes else {
            pieces.append(Piece(start: start, earliest: number, last: number))
            return
        }
        if Self.precedes(number, pieces[last].earliest) { pieces[last].earliest = number }
        pieces[last].last = number
    }

    /// Returns the cut for subtransaction `number` and all inside it.
    package func cut(_ number: UInt32) -> Cut {
        var otherwise: Int?
        for index in pieces.indices.reversed() {
            let piece = pieces[index]
            if Self.precedes(piece.last, number) { break }
            guard Self.precedes(piece.earliest, number) else {
                otherwise = piece.start
                continue
            }
            let end = index + 1 < pieces.count ? pieces[index + 1].start : bytes
            return .scan(piece.start..<end, otherwise: otherwise)
        }
        return otherwise.map { .at($0) } ?? .nothing
    }

    /// The search for a cut in the frames of a range, which it takes one by one.
    package struct Scan: Sendable {
        private let number: UInt32
        /// Offset of the first frame after the last one with an earlier number than `number`.
        package private(set) var offset: Int?
        /// Numbers of the frames before that offset.
        fileprivate var kept: (earliest: UInt32, last: UInt32)?
        private var seen: (earliest: UInt32, last: UInt32)?

        package init(_ number: UInt32) { self.number = number }

        package mutating func take(number found: UInt32, at offset: Int) {
            guard found != 0 else { return }
            if SpillIndex.precedes(found, number) {
                self.offset = nil
            } else if self.offset == nil {
                self.offset = offset
                kept = seen
            }
            let earliest = seen.map { SpillIndex.precedes(found, $0.earliest) ? found : $0.earliest }
            seen = (earliest ?? found, found)
        }
    }

    /// Records a cut at an offset that `scan` found, or with which a piece begins.
    package mutating func cut(at offset: Int, _ scan: Scan?) {
        bytes = offset
        while let last = pieces.last, last.start >= offset { pieces.removeLast() }
        guard let last = pieces.indices.last, let scan, scan.offset == offset, let kept = scan.kept else {
            return
        }
        pieces[last].earliest = kept.earliest
        pieces[last].last = kept.last
    }

    /// Whether number `left` was assigned before `right`. Numbers wrap around (manual section "Transactions
    /// and Identifiers").
    package static func precedes(_ left: UInt32, _ right: UInt32) -> Bool {
        Int32(bitPattern: left &- right) < 0
    }
}
