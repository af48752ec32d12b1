import CNcurses
import Console
import Glibc
import Support
import Testing

@Suite struct GlyphTests {
    private func shown(_ text: String) -> String { text.map { glyph(of: $0).text }.joined() }

    @Test(arguments: [
        ("a", "a", 1), ("订", "订", 2), ("é", "é", 1), ("e\u{301}", "e\u{301}", 1), ("한", "한", 2),
        ("\u{1112}\u{1161}\u{11AB}", "\u{1112}\u{1161}\u{11AB}", 2), ("👍", "👍", 2), ("👍🏽", "👍", 2),
        ("👨‍👩‍👧‍👦", "👨👩👧👦", 8),
        ("🧑‍🚀", "🧑🚀", 4), ("🇩🇪", "DE", 2), ("🇩", "D", 1), ("❤️", "❤", 1), ("☺︎", "☺", 1),
        ("1️⃣", "1\u{20E3}", 1), ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴", 2), ("🏳️‍🌈", "🏳🌈", 3),
        ("ｆ", "ｆ", 2), ("\t", " ", 1), ("\r\n", " ", 1),
        ("\u{1B}", "\u{FFFD}", 1), ("\u{9B}", "\u{FFFD}", 1), ("\u{7F}", "\u{FFFD}", 1),
        ("\u{0}", "\u{FFFD}", 1),
        ("\u{202E}", "\u{FFFD}", 1), ("\u{200B}", "\u{FFFD}", 1), ("\u{FEFF}", "\u{FFFD}", 1),
        ("\u{E0041}", "\u{FFFD}", 1), ("\u{FFFFE}", "\u{FFFD}", 1), ("\u{301}", "\u{FFFD}", 1),
    ])
    func `a character has one drawing and one width on every terminal`(
        text: String, drawn: String, width: Int
    ) {
        #expect(shown(text).unicodeScalars.elementsEqual(drawn.unicodeScalars))
        #expect(textWidth(text) == width)
    }

    @Test func `the widths agree with the C library on all characters that both know`() {
        // Sound: the locale is freed at the end, and this thread alone uses it.
        guard let locale = unsafe newlocale(LC_CTYPE_MASK, "C.UTF-8", nil) else {
            Issue.record("this system has no locale C.UTF-8")
            return
        }
        let before = unsafe uselocale(locale)
        defer {
            unsafe uselocale(before)
            unsafe freelocale(locale)
        }
        var differing: [String] = []
        for value in UInt32(0x20)..<0x3_FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for part in [glyph(of: Character(scalar)).first] {
                let base = part.text.unicodeScalars.first.map { wcwidth(wchar_t($0.value)) } ?? -1
                if base >= 0, base != part.width { differing.append(String(value, radix: 16)) }
            }
        }
        #expect(differing == [])
    }

    /// Scalars that terminals treat specially, and some that they do not.
    private static let pool: [UInt32] = [
        0x0, 0x7, 0x8, 0x9, 0xA, 0xD, 0x1B, 0x20, 0x41, 0x5B, 0x7F, 0x85, 0x90, 0x9B, 0x9D, 0xAD, 0xE9, 0x300,
        0x301,
        0x34F, 0x61C, 0x627, 0x92A, 0x94D, 0xE33, 0x1100, 0x1161, 0x11A8, 0x180E, 0x200B, 0x200D, 0x200E,
        0x2028,
        0x202E, 0x2060, 0x2066, 0x20E3, 0x2600, 0x263A, 0x2764, 0x3042, 0x4E2D, 0xAC00, 0xE000, 0xFE0E,
        0xFE0F, 0xFEFF,
        0xFFF9, 0xFFFD, 0xFFFE, 0x1F1E9, 0x1F1EA, 0x1F3FB, 0x1F3FF, 0x1F468, 0x1F469, 0x1F680, 0x1F9D1,
        0x20000,
        0xE0001, 0xE0067, 0xE007F, 0x10FFFF,
    ]

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F,
            0xFEFF:
            true
        default: false
        }
    }

    @Test func `of many hostile texts no control arrives, and no cell loses its width`() {
        var numbers = Randomness(seed: 11)
        for _ in 0..<4000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...12, using: &numbers) {
                if let scalar = GlyphTests.pool.randomElement(using: &numbers).flatMap(Unicode.Scalar.init) {
                    text.append(scalar)
                }
            }
            let string = String(text)
            #expect(!shown(string).unicodeScalars.contains { GlyphTests.isForbidden($0) })
            let width = textWidth(string)
            let columns = Int.random(in: 0...14, using: &numbers)
            #expect(textWidth(clipped(string, to: columns)) <= max(columns, 0))
            #expect(textWidth(clippedAtStart(string, to: columns)) <= max(columns, 0))
            var canvas = Canvas(rows: 1, columns: 16)
            canvas.write("中中中中中中中中", row: 0, column: 0)
            let start = Int.random(in: 0..<16, using: &numbers)
            let end = canvas.write(string, row: 0, column: start)
            #expect(end <= 16)
            if start + width <= 16 { #expect(end == start + width) }
            expectWholeCells(canvas.row(0).map(\.width))
        }
    }

    /// Expects that a cell of width 0 stands behind each one of width 2, and nowhere else.
    private func expectWholeCells(_ widths: [Int8]) {
        for (index, width) in widths.enumerated() {
            let before = index > 0 ? widths[index - 1] : 1
            #expect((width == 0) == (before == 2), "\(widths)")
        }
        #expect(widths.last != 2)
    }
}

@Suite struct ShortenedPlaceTests {
    private let place = "pg-old.example.net:5432/orders"

    @Test func `a place that fits stays as it is`() {
        #expect(shortenedPlace(place, to: 30) == place)
        #expect(shortenedPlace("h/d", to: 3) == "h/d")
    }

    @Test(arguments: [
        (29, "pg-old.example.net:54…/orders"), (20, "pg-old.examp…/orders"), (14, "pg-old…/orders"),
        (12, "pg-ol…/orde…"), (6, "pg…/o…"), (4, "p…/…"), (2, "p…"), (1, "…"),
    ])
    func `a long place loses its middle, and the host comes first`(columns: Int, wanted: String) {
        #expect(shortenedPlace(place, to: columns) == wanted)
    }

    @Test func `a long name of the database does not push the host away`() {
        #expect(
            shortenedPlace("db1:5432/" + String(repeating: "x", count: 40), to: 20) == "db1:5432…/xxxxxxxxx…")
        #expect(shortenedPlace("订单.example:5432/订单数据库", to: 14) == "订单.ex…/订单…")
    }

    @Test func `a place without a database loses its end`() {
        #expect(shortenedPlace("pg-old.example.net", to: 8) == "pg-old.…")
    }

    @Test func `of many places each has the width that it may have`() {
        var numbers = Randomness(seed: 3)
        for _ in 0..<3000 {
            let host = String(
                (0..<Int.random(in: 0...30, using: &numbers)).map { _ in "ab.订:👍".randomElement() ?? "a" })
            let name = String(
                (0..<Int.random(in: 0...30, using: &numbers)).map { _ in "xy_订".randomElement() ?? "x" })
            let columns = Int.random(in: 0...50, using: &numbers)
            #expect(textWidth(shortenedPlace(host + "/" + name, to: columns)) <= columns)
        }
    }
}
