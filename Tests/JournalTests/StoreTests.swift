import Foundation
import Journal
import Records
import Testing

@Suite struct StoreTests {
    private struct Note: Codable, Equatable { var numbers: [Int] = [] }
    private struct Refusal: Error {}

    @Test func `a journal that was never made is not opened`() throws {
        let directory = try Directory()
        #expect(throws: JournalError.self) { try Journal(exportDirectory: directory.path, create: false) }
        _ = try Journal(exportDirectory: directory.path, create: true)
        _ = try Journal(exportDirectory: directory.path, create: false)
    }

    @Test func `a journal that many open at once is made once`() async throws {
        for _ in 0..<10 {
            let directory = try Directory()
            let path = directory.path
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { _ = try Journal(exportDirectory: path, create: true).segments() }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `a document is what was written last, and nothing before`() throws {
        let directory = try Directory()
        let journal = try Journal(exportDirectory: directory.path, create: true)
        #expect(try journal.document(Note.self, key: "n") == nil)
        try journal.update(Note.self, key: "n", initial: Note()) { $0.numbers = [1] }
        try journal.update(Note.self, key: "n", initial: Note()) { $0.numbers.append(2) }
        #expect(try journal.document(Note.self, key: "n") == Note(numbers: [1, 2]))
    }

    @Test func `a document that is read again is as another process wrote it`() throws {
        let directory = try Directory()
        let journal = try Journal(exportDirectory: directory.path, create: true)
        let other = try Journal(exportDirectory: directory.path, create: false)
        let cache = DocumentCache<Note>(key: "n")
        #expect(try cache.document(in: journal) == nil)
        for count in 1...3 {
            try other.update(Note.self, key: "n", initial: Note()) { $0.numbers.append(count) }
            #expect(try cache.document(in: journal) == Note(numbers: Array(1...count)))
            #expect(try cache.document(in: journal) == Note(numbers: Array(1...count)))
        }
    }

    @Test func `what throws leaves the document as it was`() throws {
        let directory = try Directory()
        let journal = try Journal(exportDirectory: directory.path, create: true)
        try journal.update(Note.self, key: "n", initial: Note()) { $0.numbers = [1] }
        #expect(throws: Refusal.self) {
            try journal.update(Note.self, key: "n", initial: Note()) {
                $0.numbers = []
                throw Refusal()
            }
        }
        #expect(try journal.document(Note.self, key: "n") == Note(numbers: [1]))
    }

    @Test func `concurrent writers lose no change of each other`() async throws {
        let directory = try Directory()
        let path = directory.path
        _ = try Journal(exportDirectory: path, create: true)
        let (writers, rounds) = (4, 50)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    // A connection of its own, as another process has.
                    let journal = try Journal(exportDirectory: path, create: false)
                    for round in 0..<rounds {
                        try journal.update(Note.self, key: "n", initial: Note()) {
                            $0.numbers.append(writer * rounds + round)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let journal = try Journal(exportDirectory: path, create: false)
        let found = try #require(try journal.document(Note.self, key: "n")).numbers
        #expect(found.sorted() == Array(0..<writers * rounds))
        // The numbers of each writer are in its order.
        for writer in 0..<writers {
            let own = found.filter { $0 / rounds == writer }
            #expect(own == own.sorted())
        }
    }

    @Test func `concurrent takers get each request once, the oldest first`() async throws {
        let directory = try Directory()
        let path = directory.path
        let journal = try Journal(exportDirectory: path, create: true)
        let ids = try (0..<40).map { number in
            try journal.insertRequest(title: "t", json: "\(number)", by: "me", at: 1)
        }
        #expect(ids == ids.sorted())
        let taken = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let own = try Journal(exportDirectory: path, create: false)
                    var taken: [Int64] = []
                    while let request = try own.takeRequest() { taken.append(request.id) }
                    return taken
                }
            }
            var all: [[Int64]] = []
            for try await part in group { all.append(part) }
            return all
        }
        #expect(taken.allSatisfy { $0 == $0.sorted() })
        #expect(taken.flatMap { $0 }.sorted() == ids)
        #expect(try journal.runningRequests().map(\.id) == ids)
        #expect(try journal.takeRequest() == nil)
    }

    @Test func `a request keeps who asked, its lines and its end`() throws {
        let directory = try Directory()
        let journal = try Journal(exportDirectory: directory.path, create: true)
        let id = try journal.insertRequest(title: "analyze schema", json: "{}", by: "me@here verb", at: 12.5)
        #expect(try journal.request(id)?.state == "waiting")
        for number in 0..<(Journal.requestLinesMax + 3) {
            try journal.appendLine("line \(number)", toRequest: id)
        }
        try journal.endRequest(id, state: "done", answer: "3 findings", findingsJSON: "{\"a\":1}", at: 13)
        let found = try #require(try journal.newestRequest(title: "analyze schema"))
        #expect(found.askedBy == "me@here verb" && found.askedAt == 12.5)
        #expect(found.state == "done" && found.answer == "3 findings" && found.findingsJSON == "{\"a\":1}")
        #expect(found.lines.count == Journal.requestLinesMax && found.lines.first == "line 3")
        #expect(try journal.newestRequest(title: "pause") == nil)
    }

    @Test func `a request that is done when it is inserted is never taken`() throws {
        let directory = try Directory()
        let journal = try Journal(exportDirectory: directory.path, create: true)
        let id = try journal.insertRequest(
            title: "pause", json: "{}", by: "me", at: 1, state: "done", answer: "paused", endedAt: 1)
        #expect(try journal.takeRequest() == nil)
        #expect(try journal.request(id)?.answer == "paused")
    }

    @Test func `a transaction that throws leaves document, requests and events as they were`() throws {
        let directory = try Directory()
        let journal = try Journal(exportDirectory: directory.path, create: true)
        let running = try journal.insertRequest(title: "t", json: "{}", by: "me", at: 1, state: "running")
        func write(thenThrow: Bool) throws {
            try journal.transaction("write all") { transaction in
                try transaction.update(Note.self, key: "n", initial: Note()) { $0.numbers = [1] }
                _ = try transaction.insertRequest(title: "new", json: "{}", by: "me", at: 2)
                try transaction.endRequest(running, state: "done", answer: "a", findingsJSON: nil, at: 2)
                try transaction.insertEvent(level: "info", origin: "o", message: "m", at: 2)
                if thenThrow { throw Refusal() }
            }
        }
        #expect(throws: Refusal.self) { try write(thenThrow: true) }
        #expect(try journal.document(Note.self, key: "n") == nil)
        #expect(try journal.newestRequest(title: "new") == nil)
        #expect(try journal.request(running)?.state == "running")
        #expect(try journal.events(after: 0, limit: 10).isEmpty)
        try write(thenThrow: false)
        #expect(try journal.document(Note.self, key: "n") == Note(numbers: [1]))
        #expect(try journal.newestRequest(title: "new")?.state == "waiting")
        #expect(try journal.request(running)?.state == "done")
        #expect(try journal.events(after: 0, limit: 10).map(\.message) == ["m"])
    }

    @Test func `an interrupted request waits again in the form that it is given`() throws {
        let directory = try Directory()
        let journal = try Journal(exportDirectory: directory.path, create: true)
        let id = try journal.insertRequest(title: "t", json: "old", by: "me", at: 1)
        #expect(try journal.takeRequest()?.id == id)
        try journal.requeue(id, json: "new")
        #expect(try journal.takeRequest()?.requestJSON == "new")
    }

    @Test func `events are read oldest first, and the newest of them if there are more than the limit`()
        throws
    {
        let directory = try Directory()
        let journal = try Journal(exportDirectory: directory.path, create: true)
        for number in 1...5 {
            try journal.insertEvent(level: "info", origin: "o", message: "\(number)", at: 1)
        }
        #expect(try journal.events(after: 0, limit: 10).map(\.message) == ["1", "2", "3", "4", "5"])
        #expect(try journal.events(after: 0, limit: 2).map(\.message) == ["4", "5"])
        #expect(try journal.events(after: 3, limit: 10).map(\.message) == ["4", "5"])
    }

    @Test func `segments are noted before their files, and marked when applied, archived and deleted`() throws
    {
        let directory = try Directory()
        let journal = try Journal(exportDirectory: directory.path, create: true)
        for number in 0..<3 {
            try journal.segmentOpened(
                number: number, path: directory.segment(number), leg: 1,
                afterLSN: LogPosition(number: UInt64.max - UInt64(3 - number)),
                continuesTransaction: number == 2, exporterRole: "source_db_exporter")
        }
        try journal.segmentsApplied(below: 1, leg: 1, toSource: false)
        try journal.segmentsApplied(below: 3, leg: 2, toSource: false)
        try journal.segmentArchived(0, location: "/a")
        try journal.segmentDeleted(0)
        let segments = try journal.segments()
        #expect(segments.map(\.isApplied) == [true, false, false])
        #expect(segments.map(\.continuesTransaction) == [false, false, true])
        #expect(segments[0].isArchived && segments[0].isDeleted && segments[0].archiveLocation == "/a")
        #expect(segments[1].afterLSN == LogPosition(number: UInt64.max - 2))
    }

    @Test func `a table is complete when all chunks of its last copy are`() throws {
        let directory = try Directory()
        let journal = try Journal(exportDirectory: directory.path, create: true)
        let table = Records.Table(
            name: QualifiedName(schema: "public", name: "t"), columns: [], primaryKey: [],
            replicaIdentity: .full)
        try journal.keepTables([table])
        let chunks = (0..<2).map { number in
            StoredChunk(
                table: table.name, generation: 1, number: number, leaf: table.name, firstPage: number * 10,
                endPage: number == 1 ? nil : 10)
        }
        try journal.planCopy(
            of: table.name, generation: 1, snapshotLSN: LogPosition(number: 77), chunks: chunks)
        #expect(try journal.chunks() == chunks)
        try journal.chunkExported(chunks[0], rows: 5, filePath: nil, imported: true)
        #expect(try journal.tables().map(\.isExported) == [false])
        #expect(try journal.tables().map(\.importedRows) == [5])
        try journal.chunkExported(chunks[1], rows: 7, filePath: "data/x", imported: false)
        #expect(try journal.tables().map { [$0.isExported, $0.isImported] } == [[true, false]])
        try journal.chunkImported(chunks[1])
        let done = try #require(try journal.tables().first)
        #expect(done.isImported && done.importedRows == 12 && done.snapshotLSN == LogPosition(number: 77))
        // A copy that begins again forgets the chunks of the copy before.
        try journal.planCopy(of: table.name, generation: 2, snapshotLSN: LogPosition(number: 99), chunks: [])
        let again = try #require(try journal.tables().first)
        #expect(again.generation == 2 && !again.isExported && again.importedRows == 0)
        #expect(try journal.chunks().isEmpty)
        try journal.forgetSnapshot()
        #expect(try journal.tables().isEmpty)
    }
}
