import Console
import Support
import Testing

@Suite struct SparklineTests {
    private let ramp = Sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8])

    @Test func `blocks have eight heights, and 0 has the lowest`() {
        #expect(ramp.text(columns: 9, .block) == "▁▁▂▃▄▅▆▇█")
    }

    @Test func `a cell of braille has two samples of four dots`() {
        #expect(Sparkline([0, 1, 2, 3, 4, 3]).text(columns: 3, .braille) == "⣀⣴⣷")
        #expect(Sparkline.samples(inColumns: 3, .braille) == 6)
        #expect(Sparkline.samples(inColumns: 3, .block) == 3)
    }

    @Test func `ASCII has seven heights`() {
        #expect(Sparkline([0, 2, 3, 4, 5, 6, 7]).text(columns: 7, .ascii) == "_.-=+*#")
    }

    @Test(arguments: GraphKind.allCases)
    func `the newest samples are at the right end, and others do not fit`(kind: GraphKind) {
        let shown = Sparkline.samples(inColumns: 4, kind)
        let newest = (0..<shown).map { Double?(Double($0)) }
        #expect(
            Sparkline(Array(repeating: 100, count: 9) + newest).text(columns: 4, kind)
                == Sparkline(newest).text(columns: 4, kind))
        let few = Sparkline([1]).text(columns: 4, kind)
        #expect(few.count == 4)
        #expect(few.hasPrefix("   "))
        #expect(few.last != " ")
    }

    @Test func `a missing sample is a gap, and 0 is none`() {
        #expect(Sparkline([8, nil, 0, .nan, 8]).text(columns: 5, .block) == "█ ▁ █")
        #expect(Sparkline([8, nil, 0, .infinity, 8]).text(columns: 5, .ascii) == "# _ #")
        #expect(Sparkline([4, nil, nil, 4, nil, nil]).text(columns: 3, .braille) == "⡇⢸ ")
        #expect(Sparkline([]).text(columns: 3, .braille) == "   ")
    }

    @Test func `equal samples of 0 lie at the bottom, others at the top`() {
        #expect(Sparkline([0, 0]).text(columns: 2, .block) == "▁▁")
        #expect(Sparkline([5, 5]).text(columns: 2, .block) == "██")
        #expect(Sparkline([-5, 5]).text(columns: 2, .block) == "▁█")
    }

    @Test func `a maximum of the caller keeps the scale`() {
        #expect(Sparkline([1, 2, 9], maximum: 4).text(columns: 3, .block) == "▂▄█")
    }

    @Test func `a chart of several lines stacks the heights`() {
        #expect(ramp.lines(rows: 2, columns: 9, .block) == ["     ▂▄▆█", "▁▂▄▆█████"])
        #expect(Sparkline([1, 8]).lines(rows: 2, columns: 1, .braille) == ["⢸", "⣸"])
        #expect(ramp.lines(rows: 0, columns: 9, .block) == [])
        #expect(ramp.lines(rows: 1, columns: 0, .block) == [])
    }

    @Test(arguments: GraphKind.allCases)
    func `every line has the width it was asked for`(kind: GraphKind) {
        var numbers = Randomness(seed: 7)
        for columns in 0..<40 {
            let samples = (0..<Int.random(in: 0...90, using: &numbers)).map { _ -> Double? in
                Bool.random(using: &numbers) ? nil : .random(in: -10...1000, using: &numbers)
            }
            for line in Sparkline(samples).lines(rows: 3, columns: columns, kind) {
                #expect(textWidth(line) == columns)
            }
        }
    }
}

@Suite struct BarTests {
    private func bar(_ share: Double?, _ columns: Int, _ kind: GraphKind) -> String {
        let parts = Bar(share: share).parts(columns: columns, kind)
        return parts.fill + parts.track
    }

    @Test func `blocks have eighths of a column`() {
        #expect(bar(0.5, 5, .block) == "██▌░░")
        #expect(bar(0.55, 5, .block) == "██▊░░")
        #expect(bar(1, 5, .braille) == "█████")
        #expect(bar(0, 5, .braille) == "░░░░░")
    }

    @Test func `ASCII has whole columns`() {
        #expect(bar(0.5, 6, .ascii) == "###...")
        #expect(bar(1, 6, .ascii) == "######")
    }

    @Test func `it is full only if all is done, and empty only if nothing is`() {
        #expect(bar(0.9999, 4, .block) == "███▉")
        #expect(bar(0.0001, 4, .block) == "▏░░░")
        #expect(bar(0.9999, 4, .ascii) == "###.")
        #expect(bar(0.0001, 4, .ascii) == "#...")
    }

    @Test func `an unknown share has no filled part`() {
        #expect(Bar(share: nil).parts(columns: 3, .block) == ("", "░░░"))
        #expect(Bar(3, of: 0) == Bar(share: nil))
        #expect(Bar(share: .nan) == Bar(share: nil))
    }

    @Test func `a share outside of 0 and 1 is at its end`() {
        #expect(bar(1.7, 3, .ascii) == "###")
        #expect(bar(-1, 3, .ascii) == "...")
        #expect(bar(0.5, 0, .block) == "")
    }

    @Test func `a canvas draws with the graphs it may use`() {
        for (symbols, bar, line) in [
            (Symbols.unicode, "██░░", "⣀⡇"), (.ascii, "##..", "_#"),
            (Symbols(marksAreASCII: false, graphs: .block), "██░░", "▁█"),
        ] {
            var canvas = Canvas(rows: 2, columns: 4, symbols: symbols)
            canvas.bar(Bar(1, of: 2), row: 0, column: 0, columns: 4)
            let samples: [Double?] = symbols.graphs == .braille ? [0, 0, 4, nil] : [0, 7]
            canvas.sparkline(Sparkline(samples), in: Rectangle(row: 1, column: 0, rows: 1, columns: 2))
            #expect(canvas.lines() == [bar, line])
            #expect(canvas.row(0).map(\.token) == [.barFill, .barFill, .barTrack, .barTrack])
            #expect(canvas.row(1).first?.token == .chart1)
        }
    }
}

@Suite struct SampleSeriesTests {
    @Test func `a sample is the greatest reading of its stretch, and one without a reading is a gap`() {
        var series = SampleSeries(secondsPerSample: 2, capacity: 4)
        series.record(5, at: 100)
        series.record(9, at: 101.9)
        series.record(7, at: 101)
        series.record(1, at: 104)
        #expect(series.values(upTo: 105) == [nil, 9, nil, 1])
        #expect(series.values(upTo: 107) == [9, nil, 1, nil])
    }

    @Test func `a sample does not change when time goes on`() {
        var series = SampleSeries(secondsPerSample: 5, capacity: 10)
        var before: [Double?] = []
        for second in 0..<200 {
            series.record(Double(second % 13), at: Double(second))
            let values = series.values(upTo: Double(second))
            if second % 5 == 0, second > 0 { #expect(values.dropLast() == before.dropFirst()) }
            before = values
        }
    }

    @Test func `it keeps no more than it shows`() {
        var series = SampleSeries(secondsPerSample: 1, capacity: 3)
        for second in 0..<1000 { series.record(Double(second), at: Double(second)) }
        series.record(5000, at: 4)
        series.record(.nan, at: 999)
        #expect(series.values(upTo: 999) == [997, 998, 999])
        var kept = SampleSeries(secondsPerSample: 1, capacity: 3)
        for second in 997..<1000 { kept.record(Double(second), at: Double(second)) }
        #expect(series == kept)
    }
}
