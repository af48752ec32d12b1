import Engine
import Foundation
import Postgres
import Records
import Support
import Testing

extension OwnServersTests {
    @Test func `in line mode prompts and lines lead from an empty directory to the end`() throws {
        try withVoyage(try #require(VoyageServers.current), database: "bylines") { site in
            let console = try LineProgram(
                shell: site.command("--plain"), in: site.directory, environment: site.environment)
            let talk = VoyageTalk(console, site)
            try talk.beginHere()
            try talk.connect()
            try talk.moveSchema()
            site.write(to: .source)
            try talk.goLive(without: "scratch")
            try talk.hearOfDeadSource()
            try talk.mendIncident()
            site.stopWriting()
            try talk.cutOverPastSession()
            site.write(to: .target)
            try talk.hearOfChangesComingBack()
            site.stopWriting()
            try talk.cutOver(to: "source")
            #expect(try site.differences() == [])
            try talk.end()
            try console.say("quit", until: "The migration has ended.")
            #expect(try console.end() == 0)
            #expect(try site.status().phase == .ended)
            #expect(try site.differences() == [])
            // Lines are added, and nothing moves the cursor.
            #expect(!console.output.contains("\u{1B}") && !console.output.contains("│"))
        }
    }
}

/// The operator of a voyage who says lines.
private struct VoyageTalk {
    let console: LineProgram
    let site: VoyageSite

    init(_ console: LineProgram, _ site: VoyageSite) {
        self.console = console
        self.site = site
    }

    private func say(_ line: String, until text: String) throws { try console.say(line, until: text) }

    /// Answers the questions of a page from the first to the last; nothing keeps an answer.
    private func answer(_ answers: String...) throws {
        try say("answer", until: "]: ")
        for answer in answers.dropLast() { try say(answer, until: "]: ") }
        try say(answers.last ?? "", until: "`go` does it")
    }

    /// Says a line until its answer is as wanted.
    private func repeatedly(_ line: String, until prompt: String, _ wanted: (String) throws -> Bool) throws {
        let end = ContinuousClock.now + .seconds(60)
        repeat {
            try say(line, until: prompt)
            if try wanted(console.answer) { return }
            usleep(100_000)
        } while ContinuousClock.now < end
        throw PseudoTerminalError("\(line) did not lead to what is wanted:\n\(console.output)")
    }

    func beginHere() throws {
        try console.waitFor("+ begin here")
        // One write: the third line is for the console that takes the place of the first.
        try say("1\nyes\nhelp", until: "a command and a number")
        #expect(console.answer.contains("Type yes to do it: Begin."))
        try console.waitFor("shop Prepare> ")
    }

    func connect() throws {
        let (source, target) = (site.servers.source, site.servers.target)
        try answer(
            source.address, "\(source.port)", site.database, "postgres", source.password, "",
            target.address, "\(target.port)", site.database, "postgres", target.password, "", "public",
            "prod")
        try say("go", until: "✓ check databases: done")
        try say("next-page", until: "PROD shop Schema> ")
    }

    func moveSchema() throws {
        try say("go", until: "✓ export schema: done")
        try say("go", until: "✓ analyze schema: done")
        try say("go", until: "✓ import schema: done")
        try say("next-page", until: "shop Live migration> ")
    }

    func goLive(without table: String) throws {
        try say("choose-tables", until: "Table choice> ")
        try answer("", table)
        try say("go", until: "shop Live migration> ")
        try say("go", until: "The phase is STREAMING.")
        try say("go", until: "Type yes to do it: Import.")
        try say("yes", until: "✓ import indexes and triggers: done")
        try say("dashboard", until: "Export from source")
    }

    func hearOfDeadSource() throws {
        try site.servers.source.stop(.immediate)
        try console.waitFor("ERROR The source at")
        try console.waitFor("does not answer")
        try say("dashboard", until: "SOURCE DOES NOT ANSWER")
        try site.servers.source.start()
        try repeatedly("dashboard", until: "Dashboard> ") {
            $0.contains("Export from source:") && !$0.contains("DOES NOT ANSWER") && !$0.contains("? unread")
        }
    }

    func mendIncident() throws {
        try site.makeIncident()
        try console.waitFor("A change cannot be applied")
        try say("alerts", until: "→ retry the import")
        let lines = console.answer.split(separator: "\n")
        func number(_ action: String) -> String {
            let line = lines.first { $0.contains("→ " + action) } ?? ""
            // The prompt is before the first line of a page.
            return line.split(separator: ".").first?.split(separator: " ").last.map(String.init) ?? ""
        }
        try say(number("show the change"), until: "id=\(VoyageSite.quietAccount)")
        try site.mendIncident()
        try say("alerts", until: "→ retry the import")
        try say(number("retry the import"), until: "Needs you> ")
        try repeatedly("alerts", until: "Needs you> ") { !$0.contains("cannot be applied") }
    }

    func cutOver(to side: String, meanwhile: () throws -> Void = {}) throws {
        // The gates read the catalogs every few seconds.
        try repeatedly("cutover", until: "Cutover> ") { $0.contains(/Gates  [1-9].* green:/) }
        try say("go", until: "Type shop to do it")
        try say("shop", until: "> ")
        try meanwhile()
        try console.waitFor("The phase is \(side == "target" ? "FALL-BACK" : "COMPLETE").")
        try say("cutover", until: "The application is on the \(side)")
        try say("open", until: "Dashboard> ")
    }

    /// Cuts over to the target while a session has an open transaction, and ends it.
    func cutOverPastSession() throws {
        let session = try site.connection(.source, as: "nightly-batch")
        try session.execute("begin; insert into account (name) values ('never committed')")
        let process = try session.query("select pg_backend_pid()").scalar ?? ""
        try cutOver(to: "target") {
            try console.waitFor("The cutover waits for session \(process)")
            try say("end-session", until: "1. ")
            #expect(console.answer.contains("nightly-batch"))
            try say("end-session 1", until: "Type yes to do it: End it.")
            try say("yes", until: "Asked: terminate session \(process)")
        }
        #expect(throws: PostgresError.self) { try session.execute("commit") }
    }

    func hearOfChangesComingBack() throws {
        try repeatedly("tables", until: "Tables> ") { $0.contains(/public\.entry +. \S+ +[1-9]\d/) }
    }

    func end() throws {
        try say("phase", until: "shop End> ")
        try answer("", "", "", "", site.backupDirectory)
        // What the last cutover leaves behind may be removed meanwhile, which changes the plan.
        try repeatedly("go", until: "Type shop to do it") { _ in
            try say("shop", until: "shop End> ")
            return !console.answer.contains("the plan ") || !console.answer.contains("at it again")
        }
        try console.waitFor("The phase is ENDED.")
    }
}
