import Foundation
import Glibc
import Records
import Support
import Testing

@testable import Journal

/// The spill files of transactions that are streamed before their commit.
@Suite struct SpillTests {
    private func append(_ files: SpillFiles, _ text: String, of transaction: UInt32, number: UInt32) throws {
        let bytes = Array(text.utf8)
        try lend(Array(bytes.dropFirst())) {
            try files.append(letter: bytes[0], $0, of: transaction, number: number)
        }
    }

    private func contents(_ files: SpillFiles, _ transaction: UInt32) throws -> [String] {
        guard let reader = try files.reader(of: transaction) else { return [] }
        var found: [String] = []
        while try reader.next({ message in
            found.append(unsafe message.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) })
        }) {}
        return found
    }

    private func names(_ directory: Directory) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path + "/data/queue").sorted()
    }

    @Test func `interleaved transactions are read back one by one, in order`() throws {
        let directory = try Directory()
        let files = try SpillFiles(exportDirectory: directory.path)
        var wanted: [UInt32: [String]] = [:]
        for step in 0..<300 {
            let transaction = UInt32(700 + step % 3)
            let text = "I\(step)" + String(repeating: "x", count: step * 7)
            try append(files, text, of: transaction, number: transaction)
            wanted[transaction, default: []].append(text)
        }
        for (transaction, texts) in wanted { #expect(try contents(files, transaction) == texts) }
        #expect(try names(directory) == ["streamed.700.spill", "streamed.701.spill", "streamed.702.spill"])
        // They are no segments.
        #expect(try segmentNumbers(directory.path) == [])
        try files.remove(701)
        #expect(try names(directory) == ["streamed.700.spill", "streamed.702.spill"])
        #expect(try contents(files, 701) == [])
        try files.removeAll()
        #expect(try names(directory) == [] && files.transactions == 0)
    }

    @Test func `files of an earlier process are deleted at the start, and nothing else`() throws {
        let directory = try Directory()
        try directory.write([[1]], as: 0)
        for name in ["streamed.9.spill", "streamed.4294967295.spill"] {
            try Data([1, 2, 3]).write(to: URL(fileURLWithPath: directory.path + "/data/queue/" + name))
        }
        #expect(try spillFiles(directory.path).reduce(0) { $0 + $1.bytes } == 6)
        _ = try SpillFiles(exportDirectory: directory.path)
        #expect(try names(directory) == ["segment.0.log"])
    }

    @Test func `there may be more transactions than open files`() throws {
        let directory = try Directory()
        let files = try SpillFiles(exportDirectory: directory.path)
        let before = try openDescriptors()
        var wanted: [UInt32: [String]] = [:]
        for round in 0..<3 {
            for transaction in UInt32(1)...UInt32(3 * SpillFiles.openFilesMax) {
                let text = "I\(round).\(transaction)"
                try append(files, text, of: transaction, number: transaction)
                wanted[transaction, default: []].append(text)
            }
            try files.flush()
            #expect(try openDescriptors() - before <= SpillFiles.openFilesMax)
        }
        for (transaction, texts) in wanted { #expect(try contents(files, transaction) == texts) }
        try files.removeAll()
        #expect(try openDescriptors() == before)
    }

    private func openDescriptors() throws -> Int {
        // Other suites may open files meanwhile; only spill files are counted.
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0))?
                .hasSuffix(".spill") ?? false
        }.count
    }

    @Test func `a message larger than any buffer is read back whole, with those around it`() throws {
        let directory = try Directory()
        let files = try SpillFiles(exportDirectory: directory.path)
        let texts = [
            "Ia", "I" + String(repeating: "b", count: 5 << 20), "Ic",
            "I" + String(repeating: "d", count: 600_000), "Ie",
        ]
        for text in texts { try append(files, text, of: 7, number: 7) }
        #expect(try contents(files, 7) == texts)
    }

    @Test(arguments: [0, 4, 8, 12, 15])
    func `a changed file is refused by name`(byte: Int) throws {
        let directory = try Directory()
        let files = try SpillFiles(exportDirectory: directory.path)
        try append(files, "Iabcd", of: 7, number: 7)
        try files.flush()
        let path = spillPath(directory.path, transaction: 7)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[byte] ^= 0x40
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let failure = #expect(throws: JournalError.self) { _ = try contents(files, 7) }
        #expect("\(try #require(failure))".contains("streamed.7.spill"))
        // A shorter file is refused, too.
        try Data(bytes.dropLast()).write(to: URL(fileURLWithPath: path))
        #expect(throws: JournalError.self) { _ = try contents(files, 7) }
    }

    @Test func `a full disk is reported with the file's name`() throws {
        let directory = try Directory()
        let files = try SpillFiles(exportDirectory: directory.path)
        try FileManager.default.createSymbolicLink(
            atPath: spillPath(directory.path, transaction: 7), withDestinationPath: "/dev/full")
        try append(files, "Iabcd", of: 7, number: 7)
        let failure = #expect(throws: JournalError.self) { try files.flush() }
        guard case .diskFull(let path, _) = try #require(failure) else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(path.hasSuffix("streamed.7.spill"))
    }

    @Test
    func `the changes of a rolled back subtransaction are cut off, with all inside it and nothing else`()
        throws
    {
        let directory = try Directory()
        let files = try SpillFiles(exportDirectory: directory.path)
        // 10 is the whole transaction; 11 with 12 inside is rolled back; then 13 stays.
        for (text, number) in [("Ia", 10), ("Ib", 11), ("Ic", 12), ("Id", 11)] as [(String, UInt32)] {
            try append(files, text, of: 10, number: number)
        }
        // The server names the inner one first, then the outer one.
        try files.cut(12, of: 10)
        #expect(try contents(files, 10) == ["Ia", "Ib", "Ic", "Id"])
        try files.cut(11, of: 10)
        #expect(try contents(files, 10) == ["Ia"])
        try append(files, "Ie", of: 10, number: 13)
        #expect(try contents(files, 10) == ["Ia", "Ie"])
        try files.cut(14, of: 10)
        #expect(try contents(files, 10) == ["Ia", "Ie"])
        try files.cut(13, of: 10)
        #expect(try contents(files, 10) == ["Ia"])
        try files.cut(10, of: 10)
        #expect(try contents(files, 10) == [])
        try append(files, "If", of: 10, number: 15)
        #expect(try contents(files, 10) == ["If"])
        try files.cut(99, of: 98)
    }

    @Test func `an outer savepoint that wrote after an inner one is cut off with it`() throws {
        let directory = try Directory()
        let files = try SpillFiles(exportDirectory: directory.path)
        for (text, number) in [("Ia", 10), ("Ib", 12), ("Ic", 11)] as [(String, UInt32)] {
            try append(files, text, of: 10, number: number)
        }
        try files.cut(12, of: 10)
        try files.cut(11, of: 10)
        #expect(try contents(files, 10) == ["Ia"])
    }

    @Test func `a logical message, which names no savepoint, does not keep a rolled back savepoint`() throws {
        let directory = try Directory()
        let files = try SpillFiles(exportDirectory: directory.path)
        for (text, number) in [("Ia", 10), ("M1", 0), ("Ib", 11), ("M2", 0), ("Ic", 11), ("M3", 0)]
            as [(String, UInt32)]
        {
            try append(files, text, of: 10, number: number)
        }
        try files.cut(11, of: 10)
        #expect(try contents(files, 10) == ["Ia", "M1"])
    }

    /// Random savepoints, nested, released and rolled back, are compared with a list in memory. In every
    /// other round the numbers begin just before they wrap around.
    @Test func `whatever is rolled back, the file has the remaining changes`() throws {
        var random = Randomness("savepoints in a spill")
        for round in 0..<60 {
            let directory = try Directory()
            let files = try SpillFiles(exportDirectory: directory.path)
            let base: UInt32 = round % 2 == 0 ? 700 : UInt32.max - 40
            var index = SpillIndex(pieceBytes: 40 + random.below(400))
            var list: [(number: UInt32, text: String)] = []
            // The open subtransactions from the outermost on, with those released into each.
            var open: [(number: UInt32?, released: [UInt32])] = [(base, [])]
            var next = base &+ 1
            for step in 0..<200 {
                switch random.below(8) {
                case 0, 1: open.append((nil, []))
                case 2 where open.count > 1:
                    let one = open.removeLast()
                    open[open.count - 1].released += one.released + (one.number.map { [$0] } ?? [])
                case 3 where open.count > 1:
                    let one = open.removeLast()
                    // The server names the inner ones first, in the order of their numbers.
                    let names =
                        one.released.sorted { SpillIndex.precedes($0, $1) } + (one.number.map { [$0] } ?? [])
                    for name in names {
                        try files.cut(name, of: base)
                        cut(&index, name, list)
                    }
                    let gone = Set(names)
                    list.removeAll { gone.contains($0.number) }
                    #expect(index.bytes == list.reduce(0) { $0 + $1.text.utf8.count })
                default:
                    // The enclosing ones get their numbers with it.
                    for depth in open.indices where open[depth].number == nil {
                        open[depth].number = next
                        next &+= 1
                        if next == 0 { next = 3 }
                    }
                    let number = open[open.count - 1].number!
                    let text = "I\(step)" + String(repeating: ".", count: random.below(60))
                    try append(files, text, of: base, number: number)
                    index.append(frameBytes: text.utf8.count, number: number)
                    list.append((number, text))
                }
            }
            #expect(try contents(files, base) == list.map(\.text), "round \(round)")
        }
    }

    /// Makes the same cut on the index alone, with small pieces.
    private func cut(_ index: inout SpillIndex, _ number: UInt32, _ list: [(number: UInt32, text: String)]) {
        var scan: SpillIndex.Scan?
        let end: Int?
        switch index.cut(number) {
        case .nothing: end = nil
        case .at(let offset): end = offset
        case .scan(let range, let otherwise):
            var (found, offset) = (SpillIndex.Scan(number), 0)
            for frame in list {
                if range.contains(offset) { found.take(number: frame.number, at: offset) }
                offset += frame.text.utf8.count
            }
            scan = found
            end = found.offset ?? otherwise
        }
        if let end { index.cut(at: end, scan) }
    }
}
