import Foundation
import Records
import Support
import Testing

@testable import Engine

/// How far long work is, and how others read it.
@Suite struct ProgressTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "switchback-progress-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory + "/metainfo", withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        try body(directory)
    }

    @Test func `progress is n of m, with the rate since the start and the time for the rest`() {
        var work = WorkProgress(
            .verification, on: .target, .rows, done: 600, of: 1000, doneBefore: 200, startedAt: 100,
            updatedAt: 140)
        #expect(work.share == 0.6 && work.perSecond == 10)
        #expect(work.secondsLeft(at: 140) == 40 && work.secondsLeft(at: 150) == 30)
        #expect(work.secondsLeft(at: 999) == 0)
        // What is not known is not shown.
        work.total = nil
        #expect(work.share == nil && work.secondsLeft(at: 140) == nil)
        work.total = 0
        #expect(work.share == 1)
        work.done = 200
        #expect(work.perSecond == nil)
        work = WorkProgress(
            .verification, on: .target, .rows, done: 5, of: 9, startedAt: 100, updatedAt: 100.1)
        #expect(work.perSecond == nil && work.secondsLeft(at: 101) == nil)
    }

    @Test func `work publishes how far it is for as long as it lasts`() throws {
        try withDirectory { directory in
            #expect(ProgressFiles.read(directory) == [])
            do {
                let writer = ProgressWriter(directory, .schemaImport, on: .target, .objects, of: nil)
                #expect(ProgressFiles.read(directory).map(\.total) == [nil])
                writer.note(3, of: 12, detail: "public.item_pkey")
                let found = try #require(ProgressFiles.read(directory).first)
                #expect(found.done == 3 && found.total == 12 && found.detail == "public.item_pkey")
                #expect(found.kind == .schemaImport && found.side == .target)
                let other = ProgressWriter(directory, .indexBuild, on: .target, .blocks, of: 7)
                other.note(1, detail: "i")
                #expect(ProgressFiles.read(directory).map(\.kind) == [.schemaImport, .indexBuild])
                // A shorter content leaves nothing of the longer one.
                writer.note(4, of: 12, detail: "b")
                #expect(ProgressFiles.read(directory).first?.detail == "b")
                withExtendedLifetime((writer, other)) {}
            }
            #expect(ProgressFiles.read(directory) == [])
        }
    }

    @Test func `what a process has left that is gone is not read, and a held file is refused to others`()
        throws
    {
        try withDirectory { directory in
            let path = ProgressFiles.path(directory, .verification, .source)
            let work = WorkProgress(.verification, on: .source, .rows, of: 5, startedAt: 1, updatedAt: 2)
            try JSONEncoder().encode(work).write(to: URL(fileURLWithPath: path))
            #expect(ProgressFiles.read(directory) == [])
            do {
                let file = try HeldFile(path)
                #expect(ProgressFiles.read(directory) == [work])
                #expect(throws: HeldFile.Failure.self) { try HeldFile(path) }
                file.write(Data("not JSON".utf8))
                #expect(ProgressFiles.read(directory) == [])
                withExtendedLifetime(file) {}
            }
            let next = try HeldFile(path)
            withExtendedLifetime(next) {}
            #expect(throws: HeldFile.Failure.self) { try HeldFile(directory + "/missing/file") }
        }
    }

    @Test func `the snapshot tells how many rows are exported and imported, of an estimate`() throws {
        var status = FakeMigration(phase: .snapshot, now: 1100).status
        status.startedAt = 1000
        status.tables = [
            TableStatus(name: "s.a", rowsEstimate: 1000, exportedRows: 1200, importedRows: 900),
            TableStatus(
                name: "s.b", rowsEstimate: 500, exportedRows: 400, importedRows: 400, snapshotIsDone: true),
            TableStatus(name: "s.c", rowsEstimate: -1),
        ]
        let work = status.snapshotWork
        #expect(work.map(\.kind) == [.snapshotExport, .snapshotImport])
        #expect(work.map(\.done) == [1600, 1300] && work.map(\.total) == [1600, 1400])
        #expect(work.map(\.side) == [.source, .target] && work.map(\.detail) == ["s.a", "s.a"])
        #expect(work[1].perSecond == 13)
        status.phase = .streaming
        #expect(status.snapshotWork == [])
    }

    @Test func `the step of a cutover that compares the tables has their progress`() throws {
        var sample = AlertSample()
        sample.cutOver(at: .checksumDestination)
        let work = WorkProgress(
            .verification, on: .target, .rows, done: 4, of: 8, startedAt: 980, updatedAt: 990)
        sample.status.work = [
            WorkProgress(.verification, on: .source, .rows, of: 8, startedAt: 980, updatedAt: 990), work,
        ]
        sample.status.addStepProgress()
        #expect(sample.status.cutovers[0].step?.progress == work)
        #expect(sample.status.cutovers[0].steps.count { $0.progress != nil } == 1)
        sample.cutOver(at: .drain)
        sample.status.addStepProgress()
        #expect(sample.status.cutovers[0].step?.progress == nil)
    }
}
