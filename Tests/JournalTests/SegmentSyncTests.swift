import Foundation
import Glibc
import Records
import Support
import Testing

@testable import Journal

/// Syncs on a thread of their own, and the watch that wakes the log's reader.
@Suite struct SegmentSyncTests {
    @Test func `a started sync ends, and another one may follow`() throws {
        let directory = try Directory()
        var writer = try SegmentWriter(exportDirectory: directory.path, header: header(0))
        let sync = SegmentSync()
        for byte in [UInt8](1...3) {
            try lend([byte]) { try writer.append($0) }
            #expect(writer.unsyncedBytes > 0)
            try writer.startSync(sync)
            #expect(writer.unsyncedBytes == 0)
            #expect(try sync.isDone(wait: true))
        }
        var reader = SegmentReader(exportDirectory: directory.path, from: 0)
        #expect(try reader.rest() == [.header(0), .message([1]), .message([2]), .message([3])])
    }

    @Test func `an error of the disk names the file, and the sync does not count as done`() throws {
        var ends: [Int32] = [-1, -1]
        // A pipe cannot be synced: the call fails as it does on a broken disk.
        try #require(unsafe pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let sync = SegmentSync()
        try sync.start(descriptor: ends[1], path: "/somewhere/segment.0.log")
        let failure = #expect(throws: JournalError.self) { _ = try sync.isDone(wait: true) }
        #expect("\(try #require(failure))".contains("/somewhere/segment.0.log"))
    }

    @Test func `a flush wakes a waiting reader, and an append alone does not`() throws {
        let directory = try Directory()
        var writer = try SegmentWriter(exportDirectory: directory.path, header: header(0))
        let watch = SegmentWatch(exportDirectory: directory.path)
        let atFirst = watch.wait([], isBrief: true)
        try lend([1]) { try writer.append($0) }
        let whileInTheBuffer = watch.wait([], isBrief: true)
        try writer.flush()
        let afterFlush = watch.wait([], isBrief: false)
        let onceMore = watch.wait([], isBrief: true)
        #expect([atFirst, whileInTheBuffer, afterFlush, onceMore] == [false, false, true, false])
    }

    @Test func `without a directory to watch the wait ends by itself`() {
        let watch = SegmentWatch(exportDirectory: "/nonexistent")
        let hasGrown = watch.wait([], isBrief: false)
        #expect(!hasGrown)
    }
}
