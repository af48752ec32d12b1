import Foundation
import Journal
import Records
import Support
import Testing

@Suite struct SegmentTests {
    private func read(_ directory: Directory, from number: Int = 0) throws -> [Read] {
        var reader = SegmentReader(exportDirectory: directory.path, from: number)
        return try reader.rest()
    }

    private static let messages: [[UInt8]] = [
        StreamMessage.begin(9), StreamMessage.insert(7, [.text("one"), .null]), [], StreamMessage.commit(9),
    ]

    @Test func `what was written is read, header first and in order`() throws {
        let directory = try Directory()
        try directory.write(Self.messages, as: 0)
        #expect(try read(directory) == [.header(0)] + Self.messages.map { .message($0) })
    }

    @Test func `the header comes back as it was given`() throws {
        let directory = try Directory()
        try directory.write([], as: 3)
        var reader = SegmentReader(exportDirectory: directory.path, from: 3)
        guard case .header(let found) = try reader.next(message: { _ in }) else {
            Issue.record("no header")
            return
        }
        #expect(found == header(3))
    }

    @Test func `a reader waits for a file that is not there yet`() throws {
        let directory = try Directory()
        var reader = SegmentReader(exportDirectory: directory.path, from: 0)
        #expect(try reader.rest() == [])
        try directory.write([[1]], as: 0)
        #expect(try reader.rest() == [.header(0), .message([1])])
    }

    @Test func `a reader follows a file that grows, and sees only what was flushed`() throws {
        let directory = try Directory()
        var writer = try SegmentWriter(exportDirectory: directory.path, header: header(0))
        var reader = SegmentReader(exportDirectory: directory.path, from: 0)
        #expect(try reader.rest() == [.header(0)])
        for number in 1...50 {
            let message = [UInt8](repeating: UInt8(number), count: number * 97)
            try lend(message) { try writer.append($0) }
            #expect(try reader.rest() == [])
            try writer.flush()
            #expect(try reader.rest() == [.message(message)])
        }
    }

    @Test func `after a failed sync the file has nothing that may not be durable`() throws {
        let directory = try Directory()
        var writer = try SegmentWriter(exportDirectory: directory.path, header: header(0))
        let background = SegmentSync()
        try lend([1]) { try writer.append($0) }
        try writer.sync()
        try lend([2]) { try writer.append($0) }
        try writer.startSync(background)
        #expect(try background.isDone(wait: true))
        writer.syncEnded()
        try lend([3]) { try writer.append($0) }
        try writer.startSync(background)
        try lend([4]) { try writer.append($0) }
        try writer.flush()
        // As after an error of the disk.
        #expect(try background.isDone(wait: true))
        writer.cutToSynced()
        #expect(try read(directory) == [.header(0), .message([1]), .message([2])])
        #expect(writer.unsyncedBytes == 0)
    }

    @Test func `a reader reads the old segment to its end before the next one`() throws {
        let directory = try Directory()
        var old = try SegmentWriter(exportDirectory: directory.path, header: header(0))
        var reader = SegmentReader(exportDirectory: directory.path, from: 0)
        #expect(try reader.rest() == [.header(0)])
        try lend([1]) { try old.append($0) }
        try old.sync()
        try directory.write([[2]], as: 1)
        try directory.write([[3]], as: 2)
        #expect(try reader.rest() == [.message([1]), .header(1), .message([2]), .header(2), .message([3])])
        #expect(reader.number == 2)
    }

    @Test func `messages larger than the buffers are read back`() throws {
        let directory = try Directory()
        let large = [UInt8](repeating: 7, count: 5 << 20)
        try directory.write([[1], large, [2]], as: 0)
        try directory.write([[3]], as: 1)
        #expect(
            try read(directory)
                == [.header(0), .message([1]), .message(large), .message([2]), .header(1), .message([3])])
    }

    @Test func `a tail torn at any byte is cut at the last whole frame, and the reader skips it`()
        throws
    {
        let directory = try Directory()
        try directory.write([], as: 0)
        let headerBytes = try directory.contents(0).count
        try directory.write(Self.messages, as: 0)
        let whole = try directory.contents(0)
        var ends = [headerBytes]
        for message in Self.messages { ends.append(ends.last! + 9 + message.count) }
        #expect(ends.last == whole.count)
        for length in headerBytes...whole.count {
            let expected = ends.lastIndex { $0 <= length }!
            let wanted = [Read.header(0)] + Self.messages.prefix(expected).map { .message($0) }
            try directory.put(Array(whole[..<length]), as: 0)
            #expect(try read(directory) == wanted)
            var seen = 0
            let found = try recoverNewestSegment(exportDirectory: directory.path) { _ in seen += 1 }
            #expect(found == header(0) && seen == expected)
            #expect(try directory.contents(0).count == ends[expected])
            // The next segment is read after it.
            try directory.put(Array(whole[..<length]), as: 0)
            try directory.write([[9]], as: 1)
            #expect(try read(directory) == wanted + [.header(1), .message([9])])
            try FileManager.default.removeItem(atPath: directory.segment(1))
        }
    }

    @Test func `zeros at the end, as a power loss leaves them, are cut off`() throws {
        let directory = try Directory()
        try directory.write(Self.messages, as: 0)
        let whole = try directory.contents(0)
        try directory.put(whole + [UInt8](repeating: 0, count: 10_000), as: 0)
        var seen = 0
        _ = try recoverNewestSegment(exportDirectory: directory.path) { _ in seen += 1 }
        #expect(seen == Self.messages.count)
        #expect(try directory.contents(0) == whole)
    }

    @Test
    func
        `a frame whose last blocks a power loss left unwritten is cut off, and a changed one is not`()
        throws
    {
        let directory = try Directory()
        try directory.write(Self.messages, as: 0)
        let before = try directory.contents(0).count
        let large = [UInt8](repeating: 7, count: 5000)
        try directory.write(Self.messages + [large], as: 0)
        let whole = try directory.contents(0)
        for firstZero in stride(from: (before / 512 + 1) * 512, to: whole.count - 512, by: 512) {
            var torn = whole
            for index in firstZero..<torn.count { torn[index] = 0 }
            // The file may have been extended for later writes.
            try directory.put(torn + [UInt8](repeating: 0, count: 4096), as: 0)
            var seen = 0
            _ = try recoverNewestSegment(exportDirectory: directory.path) { _ in seen += 1 }
            #expect(seen == Self.messages.count)
            #expect(try directory.contents(0).count == before)
        }
        for changed in [before + 9, before + 2000, whole.count - 1] {
            var damaged = whole
            damaged[changed] ^= 1
            try directory.put(damaged, as: 0)
            #expect(throws: JournalError.self) {
                _ = try recoverNewestSegment(exportDirectory: directory.path) { _ in }
            }
        }
    }

    @Test func `before the recovery a reader takes zeros at the end for the end`() throws {
        let directory = try Directory()
        try directory.write(Self.messages, as: 0)
        let sound = try read(directory)
        let whole = try directory.contents(0)
        for count in [1, 7, 8, 9, 10_000] {
            try directory.put(whole + [UInt8](repeating: 0, count: count), as: 0)
            #expect(try read(directory) == sound)
            // Zeros before other bytes are damage.
            try directory.put(whole + [UInt8](repeating: 0, count: max(8, count)) + [1], as: 0)
            #expect(throws: JournalError.self) { _ = try read(directory) }
        }
        try directory.put(whole + [UInt8](repeating: 0, count: 100), as: 0)
        try directory.write([[9]], as: 1)
        #expect(try read(directory) == sound + [.header(1), .message([9])])
    }

    @Test func `a missing segment before an existing one is named, and read once it is back`() throws {
        let directory = try Directory()
        for number in 0...2 { try directory.write([[UInt8(number)]], as: number) }
        let sound = try read(directory)
        try FileManager.default.moveItem(atPath: directory.segment(1), toPath: directory.segment(1) + ".away")
        do {
            _ = try read(directory)
            Issue.record("read")
        } catch JournalError.file(let path, _, let reason) {
            #expect(path == directory.segment(1) && reason.contains("missing"))
        }
        try FileManager.default.moveItem(atPath: directory.segment(1) + ".away", toPath: directory.segment(1))
        #expect(try read(directory) == sound)
    }

    @Test func `several missing segments are named, too`() throws {
        let directory = try Directory()
        for number in [0, 4] { try directory.write([[UInt8(number)]], as: number) }
        for first in [0, 1] {
            var reader = SegmentReader(exportDirectory: directory.path, from: first)
            var found: JournalError?
            for _ in 0..<1000 where found == nil {
                do { _ = try reader.next { _ in } } catch let error as JournalError { found = error }
            }
            guard case .file(directory.segment(1), _, let reason) = found else {
                Issue.record("\(String(describing: found))")
                continue
            }
            #expect(reason.contains("missing"))
        }
    }

    @Test func `a durable part is never cut off as a torn tail, whichever of its bytes was changed`() throws {
        let directory = try Directory()
        try directory.write(Self.messages, as: 0)
        let whole = try directory.contents(0)
        let torn = whole + [40, 0, 0, 0, 1, 2]
        for offset in whole.indices {
            for flip in [0x40, 0xff] as [UInt8] {
                var bytes = torn
                bytes[offset] ^= flip
                try directory.put(bytes, as: 0)
                #expect(throws: JournalError.self) {
                    _ = try recoverNewestSegment(exportDirectory: directory.path, durableBytes: whole.count) {
                        _ in
                    }
                }
                #expect(try directory.contents(0) == bytes)
            }
        }
        try directory.put(torn, as: 0)
        _ = try recoverNewestSegment(exportDirectory: directory.path, durableBytes: whole.count) { _ in }
        #expect(try directory.contents(0) == whole)
    }

    @Test func `a changed byte is found wherever it is`() throws {
        let directory = try Directory()
        try directory.write(Self.messages, as: 0)
        let whole = try directory.contents(0)
        let sound = try read(directory)
        for offset in whole.indices {
            var bytes = whole
            bytes[offset] ^= 0x40
            try directory.put(bytes, as: 0)
            // A length that became larger appears as a file that still grows: then fewer frames are read,
            // never others.
            do {
                let found = try read(directory)
                #expect(found.count < sound.count && found == Array(sound.prefix(found.count)))
            } catch {
                guard case JournalError.damaged = error else {
                    Issue.record("byte \(offset): \(error)")
                    continue
                }
            }
        }
    }

    @Test func `damage in the newest file stops the recovery and leaves the file as it is`() throws {
        let directory = try Directory()
        try directory.write(Self.messages, as: 0)
        var bytes = try directory.contents(0)
        bytes[bytes.count - 30] ^= 1
        try directory.put(bytes, as: 0)
        #expect(throws: JournalError.self) {
            _ = try recoverNewestSegment(exportDirectory: directory.path) { _ in }
        }
        #expect(try directory.contents(0) == bytes)
    }

    @Test func `without a file there is nothing to recover, and other names do not count`() throws {
        let directory = try Directory()
        #expect(try recoverNewestSegment(exportDirectory: directory.path) { _ in } == nil)
        for name in ["segment.7.log.new", "segment.x.log", "other"] {
            try Data().write(to: URL(fileURLWithPath: directory.path + "/data/queue/" + name))
        }
        #expect(try segmentNumbers(directory.path) == [])
        try directory.write([], as: 12)
        #expect(try segmentNumbers(directory.path) == [12])
    }

    @Test func `a file of another kind is refused by name`() throws {
        let directory = try Directory()
        try directory.put(Array("not a segment".utf8), as: 0)
        do {
            _ = try read(directory)
            Issue.record("read")
        } catch JournalError.damaged(let path, 0, _) {
            #expect(path == directory.segment(0))
        }
    }

    @Test func `random messages over random files come back one by one`() throws {
        let directory = try Directory()
        var random = Randomness("the segment round trip")
        var wanted: [Read] = []
        for number in 0..<4 {
            var writer = try SegmentWriter(exportDirectory: directory.path, header: header(number))
            wanted.append(.header(number))
            for _ in 0..<200 {
                let message = random.bytes(random.below(5000))
                try lend(message) { try writer.append($0) }
                wanted.append(.message(message))
                if random.below(10) == 0 { try writer.flush() }
            }
            try writer.sync()
            #expect(writer.unsyncedBytes == 0)
            let size = try directory.contents(number).count
            #expect(writer.bytes == size)
        }
        #expect(try read(directory) == wanted)
    }
}
