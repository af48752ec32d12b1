/// Where in a spill file the changes of a subtransaction begin, so that they can be cut off when it is rolled back.
///
/// It is a value without I/O, of 16 bytes for each piece of about a mebibyte, however many subtransactions there are.
///
/// It rests on how transactions nest and PostgreSQL numbers them: while a subtransaction is open, every other one of the
/// same transaction that gets a number is inside it and gets a later one, and what encloses it has an earlier one and writes
/// nothing. So when subtransaction X is rolled back, what it and all inside it wrote is a suffix of the file: the frames
/// behind the last one with a number before X.
package struct SpillIndex: Sendable {
    /// A piece of the file: the earliest number in it, and the number of its last frame that has one.
    private struct Piece {
        /// Where its first frame with a number begins.
        let start: Int
        var earliest: UInt32
        var last: UInt32
    }

    /// What is to be done to cut a subtransaction off.
    package enum Cut: Sendable, Equatable {
        case nothing
        case at(Int)
        /// The place is in this range, and `Scan` finds it; where it finds none, `otherwise` is the place.
        case scan(Range<Int>, otherwise: Int?)
    }

    /// A piece is closed when it has grown to as much.
    private let pieceBytes: Int
    package static let pieceBytes = 1 << 20

    private var pieces: [Piece] = []
    package private(set) var bytes = 0

    package init(pieceBytes: Int = SpillIndex.pieceBytes) { self.pieceBytes = pieceBytes }

    /// Follows a frame that was appended. One without a number (0) belongs to no subtransaction: wherever it stands, it
    /// neither begins nor ends one.
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

    /// Where what `number` and all inside it wrote begins.
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

    /// Looks for the place of a cut in the frames of a range, one after the other.
    package struct Scan: Sendable {
        private let number: UInt32
        /// Where the frames from `number` on begin that nothing earlier follows.
        package private(set) var place: Int?
        /// Of the frames before that place.
        fileprivate var kept: (earliest: UInt32, last: UInt32)?
        private var seen: (earliest: UInt32, last: UInt32)?

        package init(_ number: UInt32) { self.number = number }

        package mutating func take(number found: UInt32, at offset: Int) {
            guard found != 0 else { return }
            if SpillIndex.precedes(found, number) {
                place = nil
            } else if place == nil {
                place = offset
                kept = seen
            }
            let earliest = seen.map { SpillIndex.precedes(found, $0.earliest) ? found : $0.earliest }
            seen = (earliest ?? found, found)
        }
    }

    /// Follows the file that was cut at a place, which `scan` found or a piece begins with.
    package mutating func cut(at offset: Int, _ scan: Scan?) {
        bytes = offset
        while let last = pieces.last, last.start >= offset { pieces.removeLast() }
        guard let last = pieces.indices.last, let scan, scan.place == offset, let kept = scan.kept else {
            return
        }
        pieces[last].earliest = kept.earliest
        pieces[last].last = kept.last
    }

    /// Whether number `left` was given before `right`: they go round (manual section "Transactions and Identifiers").
    package static func precedes(_ left: UInt32, _ right: UInt32) -> Bool {
        Int32(bitPattern: left &- right) < 0
    }
}
