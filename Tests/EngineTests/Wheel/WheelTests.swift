import Foundation
import Records
import Testing

@testable import Engine

/// Several consoles at one migration: one steers, the others watch.
@Suite struct WheelTests {
    private func withMigration(_ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "switchback-wheel-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        _ = try Migration(creating: directory)
        try body(directory)
    }

    private func console(_ directory: String, _ user: String) throws -> Migration {
        let migration = try Migration(existing: directory)
        try migration.sitDown(user: user, host: "bastion", terminal: "pts/3")
        return migration
    }

    private func events(_ migration: Migration) throws -> [String] {
        try migration.events(after: 0, limit: 100).map(\.message)
    }

    @Test func `the first console has the wheel, and another one sees who has it and is refused`() throws {
        try withMigration { directory in
            let ada = try console(directory, "ada")
            let ben = try console(directory, "ben")
            let seen = try ben.status().wheel
            #expect(seen.holder?.user == "ada" && seen.holder?.host == "bastion" && !seen.isMine)
            #expect(seen.holder?.terminal == "pts/3" && seen.takenAt != nil)
            #expect(seen.consoles.map(\.user) == ["ada", "ben"])
            #expect(try ada.status().wheel.isMine && ada.status().wheel.refusal == nil)
            #expect(
                seen.refusal
                    == "ada@bastion at pts/3, process \(getpid()) has the wheel; take the wheel first")
            let refused = RequestRefused(try #require(seen.refusal))
            #expect(throws: refused) { try ben.leave(.checkDatabases, by: "ben@bastion console") }
            #expect(throws: refused) { try ben.keep(.empty) }
            #expect(throws: refused) { try ben.startWorker(sourcePassword: nil, targetPassword: nil) }
            #expect(try ben.newestRecord(titled: Request.checkDatabases.title) == nil)
            let id = try ada.leave(.checkDatabases, by: "ada@bastion console")
            #expect(try ben.record(of: id)?.state == .waiting)
        }
    }

    @Test func `another console takes the wheel, which the log says, and the first one is refused`() throws {
        try withMigration { directory in
            let ada = try console(directory, "ada")
            let ben = try console(directory, "ben")
            try ben.takeWheel()
            try ben.takeWheel()
            #expect(try ben.status().wheel.isMine && ada.status().wheel.holder?.user == "ben")
            #expect(throws: RequestRefused.self) { try ada.leave(.checkDatabases, by: "ada@bastion console") }
            _ = try ben.leave(.checkDatabases, by: "ben@bastion console")
            let taken = try events(ada).filter { $0.contains("takes the wheel") }
            #expect(
                taken.count == 2 && taken[1].hasPrefix("ben@bastion") && taken[1].contains("from ada@bastion")
            )
        }
    }

    @Test func `the wheel is free once its console is gone, and the next request of another takes it`() throws
    {
        try withMigration { directory in
            let ben: Migration
            do {
                let ada = try console(directory, "ada")
                ben = try console(directory, "ben")
                #expect(try ben.status().wheel.holder?.user == "ada")
                withExtendedLifetime(ada) {}
            }
            var wheel = try ben.status().wheel
            #expect(wheel.holder == nil && wheel.takenAt == nil && wheel.consoles.map(\.user) == ["ben"])
            #expect(wheel.refusal == nil)
            _ = try ben.leave(.checkDatabases, by: "ben@bastion console")
            wheel = try ben.status().wheel
            #expect(wheel.isMine && wheel.holder?.user == "ben")
            // A file of a console that was killed is nobody's.
            let left = directory + "/metainfo/console.dead.json"
            try JSONEncoder().encode(
                ConsoleIdentity(token: "dead", user: "x", host: "h", terminal: "t", processID: 1, since: 0)
            ).write(to: URL(fileURLWithPath: left))
            #expect(try ben.status().wheel.consoles.count == 1)
        }
    }

    @Test func `a verb needs no wheel, and shows in it`() throws {
        try withMigration { directory in
            let ada = try console(directory, "ada")
            #expect(try ada.status().wheel.lastVerb == nil)
            let verb = try Migration(existing: directory)
            _ = try verb.leave(.setApplyMode(.transactional), by: "cron@bastion set apply mode")
            _ = try ada.leave(.checkDatabases, by: "ada@bastion console")
            let wheel = try ada.status().wheel
            #expect(wheel.isMine && wheel.lastVerb?.by == "cron@bastion set apply mode")
            #expect(wheel.lastVerb?.title == "set apply mode")
            #expect(throws: RequestRefused("only a console has the wheel; a verb needs none")) {
                try verb.takeWheel()
            }
        }
    }
}
