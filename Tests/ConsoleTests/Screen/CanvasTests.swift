import Console
import Testing

@Suite struct CanvasTests {
    @Test func `a wide character takes two columns and is never cut in half`() {
        var canvas = Canvas(rows: 1, columns: 5)
        canvas.write("订单表", row: 0, column: 0)
        #expect(canvas.lines() == ["订单"])
        #expect(textWidth("订单") == 4)
    }

    @Test func `a mark that joins the letter before takes no column`() {
        #expect(textWidth("e\u{301}") == 1)
        #expect(textWidth("naïve 中文") == 10)
    }

    @Test func `overwriting half of a wide character removes its other half`() {
        var canvas = Canvas(rows: 1, columns: 6)
        canvas.write("a订b", row: 0, column: 0)
        canvas.write("x", row: 0, column: 2)
        #expect(canvas.lines() == ["a xb"])
        canvas.write("a订b", row: 0, column: 0)
        canvas.write("x", row: 0, column: 1)
        #expect(canvas.lines() == ["ax b"])
    }

    @Test func `an escape sequence in a table's name does not reach the terminal`() {
        var canvas = Canvas(rows: 1, columns: 40)
        canvas.write("evil\u{1B}[2Jname\u{7}\u{9B}x\u{202E}y", row: 0, column: 0)
        #expect(canvas.lines() == ["evil\u{FFFD}[2Jname\u{FFFD}\u{FFFD}x\u{FFFD}y"])
    }

    @Test func `text that does not fit ends in an ellipsis`() {
        #expect(clipped("public.customer", to: 10) == "public.cu…")
        #expect(clipped("订单订单", to: 4) == "订…")
        #expect(clippedAtStart("pg-old.example.net:5432/orders", to: 12) == "…5432/orders")
    }

    @Test func `long words are broken and short ones kept whole`() {
        #expect(wrapped("one two three", to: 7) == ["one two", "three"])
        #expect(wrapped("abcdefghij", to: 4) == ["abcd", "efgh", "ij"])
    }

    @Test func `what is written on a panel stands on the panel's ground`() {
        var canvas = Canvas(rows: 1, columns: 4)
        canvas.fill(Rectangle(row: 0, column: 0, rows: 1, columns: 3), token: .panel)
        canvas.write("订", row: 0, column: 0, token: .statusOK)
        canvas.write("x", row: 0, column: 1)
        canvas.write("x", row: 0, column: 3)
        #expect(canvas.row(0).map(\.onPanel) == [true, true, true, false])
        canvas.fill(canvas.area, token: .background)
        #expect(canvas.row(0).allSatisfy { !$0.onPanel })
    }

    @Test func `without UTF-8 every cell keeps its width`() {
        #expect(asciiForm(of: Cell(text: "─", width: 1, token: .border)) == "-")
        #expect(asciiForm(of: Cell(text: "订", width: 2, token: .text)) == "??")
        #expect(asciiForm(of: Cell(text: "é", width: 1, token: .text)) == "?")
    }
}

@Suite struct FormatTests {
    @Test func `rates and times have yb-voyager's form`() {
        #expect(exportRate(22132.6) == "22133/sec")
        #expect(importRate(14542) == "14542 events/sec")
        #expect(minutes(49.8) == "0.83 mins")
        #expect(duration(342) == "5m42s")
        #expect(stopwatch(107) == "00:01:47")
    }

    @Test func `an unknown value is never shown as 0`() {
        #expect(exportRate(nil) == "--")
        #expect(importRate(nil) == "--")
        #expect(minutes(nil) == "--")
        #expect(integer(nil) == "--")
        #expect(bytes(nil) == "--")
    }
}
