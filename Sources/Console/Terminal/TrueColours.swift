/// Colours of 24 bits on a terminal whose description knows 256. Curses draws each with one of the 240
/// indexes that are the same on every terminal. In the finished frame each index is replaced by the colour it
/// stands for. So no description of a terminal has to be compiled and installed, and the terminal's own
/// palette stays as it is.
struct TrueColours {
    private var indexes: [Int32: Int16] = [:]
    private var replacements: [[UInt8]: [UInt8]] = [:]
    /// What curses writes to choose an index, for the text or for the ground.
    private let sequence: (_ index: Int16, _ ofBackground: Bool) -> [UInt8]?

    private static let first: Int16 = 16
    private static let last: Int16 = 255
    /// Longest sequence that is looked up.
    private static let sequenceBytesMax = 24

    init(sequence: @escaping (_ index: Int16, _ ofBackground: Bool) -> [UInt8]?) {
        self.sequence = sequence
    }

    /// Returns the index that stands for a colour; nil if there is no further one, or if the terminal chooses
    /// colours in another form.
    mutating func index(of rgb: Int32) -> Int16? {
        if let known = indexes[rgb] { return known }
        let index = TrueColours.first + Int16(indexes.count)
        guard index <= TrueColours.last else { return nil }
        let parts = "2;\(rgb >> 16 & 0xFF);\(rgb >> 8 & 0xFF);\(rgb & 0xFF)m"
        for (isBackground, start) in [(false, "\u{1B}[38;"), (true, "\u{1B}[48;")] {
            guard let written = sequence(index, isBackground), written.count <= TrueColours.sequenceBytesMax,
                written.starts(with: [0x1B, UInt8(ascii: "[")]), written.last == UInt8(ascii: "m")
            else { return nil }
            replacements[written] = Array((start + parts).utf8)
        }
        indexes[rgb] = index
        return index
    }

    /// Returns the frame with the colours in place of their indexes.
    func translated(_ frame: [UInt8]) -> [UInt8] {
        if replacements.isEmpty { return frame }
        var result: [UInt8] = []
        result.reserveCapacity(frame.count * 3 / 2)
        var position = 0
        while position < frame.count {
            if frame[position] == 0x1B, let end = TrueColours.endOfStyle(in: frame, from: position),
                let replacement = replacements[Array(frame[position...end])]
            {
                result += replacement
                position = end + 1
            } else {
                result.append(frame[position])
                position += 1
            }
        }
        return result
    }

    /// Returns the index of the `m` that ends a sequence, if the sequence has only numbers before it.
    private static func endOfStyle(in frame: [UInt8], from start: Int) -> Int? {
        var position = start + 2
        let end = min(frame.count, start + sequenceBytesMax)
        while position < end {
            switch frame[position] {
            case UInt8(ascii: "m"): return position
            case UInt8(ascii: "0")...UInt8(ascii: ";"): position += 1
            default: return nil
            }
        }
        return nil
    }
}
