import Testing

@testable import switchback

/// The command line that restarts a process in the role that it has.
@Suite struct RestartLineTests {
    private func line(_ typed: String, as verb: Verb, variables: Set<String> = []) throws -> (
        line: String, note: String
    ) {
        let prepared = try #require(
            try PreparedCommandLine(typed.split(separator: " ").map(String.init)))
        let command = RestartLine(
            program: "/opt/switch back/switchback", exportDirectory: "/e", invocation: prepared.invocation,
            passwordVariables: variables
        ).command(for: verb)
        return (command.line, command.note)
    }

    private let export =
        "export data -e ../e --source-db-type postgresql --source-db-user u --source-db-password s3cret "
        + "--source-db-name d --source-db-schema s --export-type=snapshot-and-changes --parallel-jobs 8 "
        + "--table-list a --disable-pb true --metrics-port 9101 -ldebug --start-clean no -y"
    private let `import` =
        "import data to target --export-dir=e --target-db-user u --target-db-password=s3cret "
        + "--target-ssl-mode verify-full --target-ssl-root-cert /ca.pem --apply-mode parallel "
        + "--disable-pb yes --target-db-password again"

    @Test func `the export of the source becomes the import of the source with the flags that it has`() throws
    {
        let command = try line(export, as: .importDataToSource)
        #expect(
            command.line
                == "'/opt/switch back/switchback' import data to source --export-dir /e --disable-pb true "
                + "--metrics-port 9101 --log-level debug --yes")
        #expect(command.note == "the line has no password; set SOURCE_DB_PASSWORD first")
    }

    @Test func `the import of the target becomes the export of the target with its TLS flags`() throws {
        let command = try line(`import`, as: .exportDataFromTarget)
        #expect(
            command.line
                == "'/opt/switch back/switchback' export data from target --export-dir /e "
                + "--target-ssl-mode verify-full --target-ssl-root-cert /ca.pem --disable-pb yes")
        #expect(command.note.contains("TARGET_DB_PASSWORD"))
    }

    @Test func `the lines are accepted by the parser and have no password`() throws {
        for (typed, verb) in [
            (export, Verb.importDataToSource), (export, .exportDataFromSource),
            (`import`, .exportDataFromTarget), (`import`, .importDataToTarget),
        ] {
            let words = try line(typed, as: verb).line.replacing("'/opt/switch back/switchback' ", with: "")
            #expect(!words.contains("s3cret") && !words.contains("again") && !words.contains("password"))
            #expect(refusal(of: words) == nil, "\(words)")
        }
    }

    @Test func `a role that comes back has all of its flags but those of one start`() throws {
        let words = try line(export, as: .exportDataFromSource).line
        #expect(words.contains("--source-db-name d") && words.contains("--parallel-jobs 8"))
        #expect(!words.contains("start-clean"))
    }

    @Test func `a worker is restarted as a worker, and the note names its passwords`() throws {
        let command = try line(
            "worker -e /e --parallel-jobs 2", as: .worker,
            variables: ["SOURCE_DB_PASSWORD", "TARGET_DB_PASSWORD"])
        #expect(command.line.hasSuffix("worker --export-dir /e --parallel-jobs 2"))
        #expect(command.note.contains("SOURCE_DB_PASSWORD and TARGET_DB_PASSWORD"))
        #expect(try line("worker -e /e", as: .worker).note.isEmpty)
    }

    @Test(arguments: [
        ("-e /a -e=/b", [TypedFlag(name: "export-dir", value: "/b")]),
        ("-c/f --yes", [TypedFlag(name: "config-file", value: "/f"), TypedFlag(name: "yes", value: nil)]),
        ("--a=b=c", [TypedFlag(name: "a", value: "b=c")]),
        ("--source-db-password -x --a -1", [TypedFlag(name: "a", value: "-1")]),
        ("word --a b -- --c d", [TypedFlag(name: "a", value: "b")]),
    ])
    func `flags are read as they are typed`(arguments: String, flags: [TypedFlag]) {
        #expect(TypedFlag.flags(in: arguments.split(separator: " ").map(String.init)) == flags)
    }
}
