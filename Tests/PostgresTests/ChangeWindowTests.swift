import Records
import Support
import Testing

@testable import Postgres

/// Folding: a window must leave the table as the single changes would.
@Suite struct ChangeWindowTests {
    private typealias Value = StreamMessage.Value

    /// A table with a key of one column and two values, of which the second may be left out as unchanged.
    private static let relation: UInt32 = 7
    private static func column(_ name: String) -> DestinationColumn {
        DestinationColumn(
            column: Column(name: Identifier(name), typeName: "text"),
            comparison: ColumnComparison(
                castType: "text", equality: EqualityOperator(schema: "pg_catalog", name: "="), isExact: true))
    }
    private static func window(
        always: Set<Int> = [], comparesOldRows: Bool = false, hasOwnColumns: Bool = false
    ) -> ChangeWindow {
        let window = ChangeWindow()
        window.register(
            relation,
            WindowTable(
                insertTarget: "t", rowsTarget: "t", label: "public.t",
                columns: ["id", "a", "big"].map(Self.column), keyIndexes: [0],
                keyComparisons: [Self.column("id").comparison], alwaysIndexes: always,
                comparesOldRows: comparesOldRows, hasOwnColumns: hasOwnColumns))
        return window
    }

    /// Applies the window to a model of a table, in its order: deletes, updates, inserts. Throws if a
    /// statement would not change as many rows as it has.
    private static func write(_ window: ChangeWindow, into table: inout [String: [String?]]) throws {
        let part = try window.part(of: relation)
        func value(_ first: Int, _ column: Int) -> String? {
            let cell = window.arena[first + column]
            guard cell.length >= 0 else { return nil }
            // The value's bytes are valid because the arena does not change here.
            return unsafe String(decoding: window.arena.value(cell), as: UTF8.self)
        }
        func isUnchanged(_ first: Int, _ column: Int) -> Bool {
            window.arena[first + column].isUnchanged
        }
        for row in part.rows where row.kind == .delete || row.kind == .replace {
            #expect(table.removeValue(forKey: try #require(value(row.keyCells, 0))) != nil)
        }
        for row in part.rows where row.kind == .update {
            let key = try #require(value(row.keyCells, 0))
            var known = try #require(table[key])
            for column in 0..<3 where !isUnchanged(row.valueCells, column) {
                known[column] = value(row.valueCells, column)
            }
            table[key] = known
        }
        for row in part.rows where row.kind == .insert || row.kind == .replace {
            let key = try #require(value(row.valueCells, 0))
            #expect(table[key] == nil)
            #expect(!(0..<3).contains { isUnchanged(row.valueCells, $0) })
            table[key] = (0..<3).map { value(row.valueCells, $0) }
        }
    }

    @Test func `a row that is inserted and deleted within a window is not written`() throws {
        let window = Self.window()
        #expect(
            try lend(StreamMessage.insert(7, [.text("1"), .text("x"), .null])) { try window.take($0) }
                == .folded)
        #expect(
            try lend(StreamMessage.delete(7, [.text("1"), .null, .null])) { try window.take($0) } == .folded)
        var table: [String: [String?]] = [:]
        try Self.write(window, into: &table)
        #expect(table.isEmpty)
        #expect(window.counts == ["public.t": ChangeCounts(inserts: 1, deletes: 1)])
    }

    @Test func `an update of an inserted row keeps the large value that was not sent again`() throws {
        let window = Self.window()
        _ = try lend(StreamMessage.insert(7, [.text("1"), .text("x"), .text("large")])) {
            try window.take($0)
        }
        _ = try lend(StreamMessage.update(7, [.text("1"), .text("y"), .unchanged])) { try window.take($0) }
        var table: [String: [String?]] = [:]
        try Self.write(window, into: &table)
        #expect(table == ["1": ["1", "y", "large"]])
    }

    @Test func `a key that changes while a large value was not sent goes row by row`() throws {
        let window = Self.window()
        let move = StreamMessage.update(
            7, old: [.text("1"), .null, .null], [.text("2"), .text("y"), .unchanged])
        #expect(try lend(move) { try window.take($0) } == .mustGoRowByRow)
    }

    @Test func `a truncate goes row by row, at its place in the order`() throws {
        let window = Self.window()
        #expect(try lend(StreamMessage.truncate([7])) { try window.take($0) } == .mustGoRowByRow)
    }

    @Test func `a table without a key folds inserts only`() throws {
        let window = ChangeWindow()
        window.register(
            9,
            WindowTable(
                insertTarget: "h", rowsTarget: "h", label: "public.h",
                columns: [Self.column("a")], keyIndexes: [], keyComparisons: [],
                alwaysIndexes: []))
        #expect(try lend(StreamMessage.insert(9, [.text("1")])) { try window.take($0) } == .folded)
        #expect(try lend(StreamMessage.insert(9, [.text("1")])) { try window.take($0) } == .folded)
        #expect(try window.part(of: 9).rows.count == 2)
        #expect(
            try lend(StreamMessage.delete(9, [.text("1")], kind: "O")) { try window.take($0) }
                == .mustGoRowByRow)
    }

    private static let known = [Value.text("1"), .text("x"), .null]

    @Test func `the server decides about two rows of one key, and about a change of a deleted row`() throws {
        let inserted = StreamMessage.insert(7, Self.known)
        let deleted = StreamMessage.delete(7, [.text("1"), .null, .null])
        let updated = StreamMessage.update(7, Self.known)
        for (first, second) in [
            (inserted, inserted), (updated, inserted), (deleted, deleted), (deleted, updated),
        ] {
            let window = Self.window()
            #expect(try lend(first) { try window.take($0) } == .folded)
            #expect(try lend(second) { try window.take($0) } == .mustGoRowByRow)
        }
        let window = Self.window()
        for message in [inserted, deleted] { #expect(try lend(message) { try window.take($0) } == .folded) }
        #expect(try lend(deleted) { try window.take($0) } == .mustGoRowByRow)
    }

    @Test func `a change with its whole old row folds only if the window has that row`() throws {
        // On the origin the key is checked at the commit: 1 becomes 2 while there is another 2, which becomes
        // 3.
        let first = StreamMessage.update(
            7, old: [.text("1"), .text("one"), .null], oldKind: "O", [.text("2"), .text("one"), .null])
        let second = StreamMessage.update(
            7, old: [.text("2"), .text("two"), .null], oldKind: "O", [.text("3"), .text("two"), .null])
        let same = StreamMessage.update(
            7, old: [.text("2"), .text("one"), .null], oldKind: "O", [.text("3"), .text("one"), .null])
        for (next, taken) in [(second, ChangeWindow.Taken.mustGoRowByRow), (same, .folded)] {
            let window = Self.window(comparesOldRows: true)
            #expect(try lend(first) { try window.take($0) } == .folded)
            #expect(try lend(next) { try window.take($0) } == taken)
        }
        let other = StreamMessage.delete(7, [.text("2"), .text("two"), .null], kind: "O")
        let window = Self.window(comparesOldRows: true)
        #expect(try lend(first) { try window.take($0) } == .folded)
        #expect(try lend(other) { try window.take($0) } == .mustGoRowByRow)
    }

    @Test func `an update goes row by row if it may change an identity column besides the key`() throws {
        for (always, taken) in [(Set([0]), ChangeWindow.Taken.folded), ([1], .mustGoRowByRow)] {
            let window = Self.window(always: always)
            #expect(try lend(StreamMessage.update(7, Self.known)) { try window.take($0) } == taken)
        }
    }

    @Test func `a key moves row by row if the destination has columns of its own`() throws {
        let moved = StreamMessage.update(7, old: Self.known, oldKind: "K", [.text("2"), .text("x"), .null])
        for (own, taken) in [(false, ChangeWindow.Taken.folded), (true, .mustGoRowByRow)] {
            let window = Self.window(hasOwnColumns: own)
            #expect(try lend(moved) { try window.take($0) } == taken)
        }
    }

    @Test func `a window of random changes leaves the table as the single changes would`() throws {
        var random = Randomness("random windows")
        for _ in 0..<300 {
            var table: [String: [String?]] = [:]
            for key in 0..<random.below(12) { table["\(key)"] = ["\(key)", "start", "large \(key)"] }
            var expected = table
            let window = Self.window()
            var messages: [[UInt8]] = []
            for step in 0..<random.below(60) {
                let key = "\(random.below(14))"
                if expected[key] == nil {
                    expected[key] = [key, "i\(step)", random.below(3) == 0 ? nil : "big \(step)"]
                    messages.append(StreamMessage.insert(7, expected[key]!.map(Self.sent)))
                } else {
                    switch random.below(4) {
                    case 0:
                        expected[key] = nil
                        messages.append(StreamMessage.delete(7, [.text(key), .null, .null]))
                    case 1:
                        // The key changes, with all values.
                        let other = "\(random.below(14))"
                        guard expected[other] == nil else { continue }
                        let row: [String?] = [other, "m\(step)", "moved \(step)"]
                        expected[key] = nil
                        expected[other] = row
                        messages.append(
                            StreamMessage.update(7, old: [.text(key), .null, .null], row.map(Self.sent)))
                    case 2:
                        expected[key]![1] = "u\(step)"
                        messages.append(StreamMessage.update(7, [.text(key), .text("u\(step)"), .unchanged]))
                    default:
                        expected[key] = [key, "w\(step)", "whole \(step)"]
                        messages.append(StreamMessage.update(7, expected[key]!.map(Self.sent)))
                    }
                }
            }
            for message in messages { #expect(try lend(message) { try window.take($0) } == .folded) }
            try Self.write(window, into: &table)
            #expect(table == expected)
            #expect(window.changes == messages.count)
        }
    }

    private static func sent(_ value: String?) -> Value { value.map { .text($0) } ?? .null }

    @Test func `a window that was emptied takes changes again`() throws {
        let window = Self.window()
        for round in 0..<3 {
            for key in 0..<2000 {
                let message = StreamMessage.insert(7, [.text("\(key)"), .text("r\(round)"), .null])
                #expect(try lend(message) { try window.take($0) } == .folded)
            }
            var table: [String: [String?]] = [:]
            try Self.write(window, into: &table)
            #expect(table.count == 2000)
            window.removeAll()
            #expect(window.isEmpty)
        }
    }
}

/// Arrays as parameters: every element is returned as it was.
@Suite struct ArrayParameterTests {
    @Test
    func
        `an array is sent as the server's binary form of texts, and NULL differs in it from the word and from the empty text`()
    {
        var parameters = ParameterBuffer()
        parameters.append("before")
        parameters.beginArray(of: .text, count: 3)
        for element in ["NULL", ""] {
            let bytes = Array(element.utf8)
            // The array outlives the call.
            unsafe bytes.withUnsafeBytes { unsafe parameters.appendElement($0) }
        }
        parameters.appendNullElement()
        parameters.endArray()
        parameters.append("7")
        #expect(parameters.count == 3)
        let head: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 25, 0, 0, 0, 3, 0, 0, 0, 1]
        let elements: [UInt8] = [0, 0, 0, 4] + Array("NULL".utf8) + [0, 0, 0, 0, 255, 255, 255, 255]
        #expect(parameters.sent == [Array("before".utf8), head + elements, Array("7".utf8)])
        #expect(parameters.formats == [0, 1, 0])
    }

    @Test(arguments: [
        "", "-", "+1", " 1", "1 ", "1.0", "1e3", "NaN", "--1", "0x1", "9223372036854775808",
        "-9223372036854775809",
    ])
    func `a text that is no whole number of eight bytes is recognised`(text: String) {
        let bytes = Array(text.utf8)
        // The array outlives the call.
        #expect(unsafe bytes.withUnsafeBytes { unsafe wholeNumber($0) } == nil)
    }

    @Test func `numbers are sent in binary form, and what does not fit their type is refused`() {
        var parameters = ParameterBuffer()
        func append(_ text: String, as type: ElementType) -> Bool {
            let bytes = Array(text.utf8)
            // The array outlives the call.
            return unsafe bytes.withUnsafeBytes { unsafe parameters.appendElement($0, as: type) }
        }
        parameters.beginArray(of: .int2, count: 2)
        #expect(append("-32768", as: .int2) && append("32767", as: .int2))
        #expect(!append("32768", as: .int2) && !append("x", as: .int2))
        parameters.endArray()
        parameters.beginArray(of: .int8, count: 2)
        #expect(append("\(Int64.min)", as: .int8) && append("\(Int64.max)", as: .int8))
        parameters.endArray()
        #expect(!append("2147483648", as: .int4) && !append("5", as: .text))
        func head(_ oid: UInt8) -> [UInt8] { [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, oid, 0, 0, 0, 2, 0, 0, 0, 1] }
        let longest: [UInt8] = [127, 255, 255, 255, 255, 255, 255, 255]
        #expect(
            parameters.sent == [
                head(21) + [0, 0, 0, 2, 128, 0, 0, 0, 0, 2, 127, 255],
                head(20) + [0, 0, 0, 8, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8] + longest,
            ])
    }
}

extension ParameterBuffer {
    fileprivate var sent: [[UInt8]] {
        // The pointers live through the call, and each value is as long as its length says.
        unsafe withPointers { pointers, lengths, _ in
            pointers.indices.map { index in
                unsafe Array(UnsafeRawBufferPointer(start: pointers[index], count: Int(lengths![index])))
            }
        }
    }

    fileprivate var formats: [Int32] {
        unsafe withPointers { pointers, _, formats in pointers.indices.map { unsafe formats![$0] } }
    }
}
