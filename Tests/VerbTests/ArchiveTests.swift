import Engine
import Foundation
import Synchronization
import Testing

private func segment(
    _ number: Int, applied: Bool = true, archived: Bool = false, deleted: Bool = false, path: String = "/q"
) -> ArchivableSegment {
    ArchivableSegment(
        number: number, path: "\(path)/segment.\(number).log", isApplied: applied,
        isArchived: archived,
        isDeleted: deleted)
}

@Suite struct ArchivePlanTests {
    private let archive = ArchivePolicy.archive(directory: "/a")

    @Test func `the newest three applied segments stay while changes run`() {
        let segments = (1...5).map { segment($0) } + [segment(6, applied: false)]
        let plan = ArchivePlan(
            segments: segments.reversed(), policy: archive, workflowRuns: true, utilizationPercent: 0)
        #expect(plan.steps == [.copyThenDelete(segment(1)), .copyThenDelete(segment(2))])
    }

    @Test func `after the workflow's end only segments that were never applied stay`() {
        let segments = [segment(1), segment(2), segment(3, applied: false)]
        let plan = ArchivePlan(
            segments: segments, policy: archive, workflowRuns: false, utilizationPercent: 0)
        #expect(plan.steps == [.copyThenDelete(segment(1)), .copyThenDelete(segment(2))])
    }

    @Test func `an archived segment that still exists is only deleted`() {
        let segments = [segment(1, archived: true, deleted: true), segment(2, archived: true), segment(3)]
        let plan = ArchivePlan(segments: segments, policy: archive, workflowRuns: true, utilizationPercent: 0)
        #expect(plan.steps == [.delete(segment(2, archived: true))])
    }

    @Test func `deleting waits until the disk's use exceeds its limit`() {
        let segments = (1...4).map { segment($0) }
        let policy = ArchivePolicy.delete(aboveUtilizationPercent: 70)
        #expect(
            ArchivePlan(segments: segments, policy: policy, workflowRuns: true, utilizationPercent: 70).steps
                .isEmpty)
        let full = ArchivePlan(segments: segments, policy: policy, workflowRuns: true, utilizationPercent: 71)
        #expect(full.steps == [.delete(segment(1))])
    }
}

@Suite struct SegmentArchiverTests {
    /// A list of segments in memory. It can fail when a segment is marked, like a process that is killed
    /// there.
    private final class MemoryList: SegmentList {
        private struct Killed: Error {}
        private let list: Mutex<[ArchivableSegment]>
        private let failsAtMark: Mutex<Bool>

        init(_ list: [ArchivableSegment], failsAtMark: Bool = false) {
            self.list = Mutex(list)
            self.failsAtMark = Mutex(failsAtMark)
        }

        func segments() -> [ArchivableSegment] { list.withLock { $0 } }
        func markArchived(_ number: Int, location: String) throws {
            if failsAtMark.withLock({ exchange in
                defer { exchange = false }; return exchange
            }) {
                throw Killed()
            }
            mark(number, archived: true, deleted: false)
        }
        func markDeleted(_ number: Int) { mark(number, archived: nil, deleted: true) }

        private func mark(_ number: Int, archived: Bool?, deleted: Bool) {
            list.withLock { list in
                list = list.map {
                    guard $0.number == number else { return $0 }
                    return ArchivableSegment(
                        number: number, path: $0.path, isApplied: $0.isApplied,
                        isArchived: archived ?? $0.isArchived, isDeleted: deleted)
                }
            }
        }
    }

    private func setUp() throws -> (ScratchDirectory, ScratchDirectory, [ArchivableSegment]) {
        let (queue, archive) = (try ScratchDirectory(), try ScratchDirectory())
        let segments = (1...2).map { segment($0, path: queue.path) }
        for segment in segments {
            _ = try queue.write("changes \(segment.number)", to: "segment.\(segment.number).log")
        }
        return (queue, archive, segments)
    }

    @Test func `a sweep moves the segments that may go and marks them`() throws {
        let (queue, archive, segments) = try setUp()
        let list = MemoryList(segments)
        let archiver = SegmentArchiver(
            segments: list, exportDirectory: queue.path, policy: .archive(directory: archive.path))
        #expect(try archiver.sweep(workflowRuns: true).isEmpty)
        #expect(try archiver.sweep(workflowRuns: false).count == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: queue.path).isEmpty)
        #expect(try String(contentsOfFile: archive.path + "/segment.2.log", encoding: .utf8) == "changes 2")
        #expect(list.segments().allSatisfy { $0.isArchived && $0.isDeleted })
        #expect(try archiver.sweep(workflowRuns: false).isEmpty)
    }

    @Test func `archiving ends when nothing streams any more, and not with the last release`() {
        var status = MigrationStatus(name: "m", migrationUUID: "u", exportDirectory: "/e", readAt: 1)
        for phase in Phase.allCases {
            status.phase = phase
            status.areLegsRetired = true
            #expect(SegmentArchiver.hasEnded(status) == (phase == .complete || phase == .ended))
            status.areLegsRetired = false
            #expect(SegmentArchiver.hasEnded(status) == (phase == .ended))
        }
    }

    @Test func `a sweep that was interrupted after the copy is repeated`() throws {
        let (queue, archive, segments) = try setUp()
        let list = MemoryList(segments, failsAtMark: true)
        let archiver = SegmentArchiver(
            segments: list, exportDirectory: queue.path, policy: .archive(directory: archive.path))
        #expect(throws: (any Error).self) { try archiver.sweep(workflowRuns: false) }
        #expect(FileManager.default.fileExists(atPath: queue.path + "/segment.1.log"))
        #expect(try archiver.sweep(workflowRuns: false).count == 2)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: archive.path).sorted()
                == ["segment.1.log", "segment.2.log"])
    }
}
