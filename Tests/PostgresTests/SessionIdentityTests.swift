import Records
import Testing

@testable import Postgres

@Suite struct SessionIdentityTests {
    private typealias Reading = SessionIdentity.Reading
    private let identity = SessionIdentity(mark: "a1", announcedProcessID: 7)

    @Test func `a session with the mark and the announced process is the connection's own`() {
        #expect(identity.verdict(Reading(processID: 7, mark: "a1")) == .ownSession)
    }

    @Test(arguments: [nil, "", "b2"])
    func `a session without the mark is a pooler's`(mark: String?) {
        guard case .pooled = identity.verdict(Reading(processID: 7, mark: mark)) else {
            Issue.record("it passes for a session of its own")
            return
        }
    }

    @Test func `a second transaction distinguishes a proxy that announces its own process from a pooler`() {
        let first = Reading(processID: 8, mark: "a1")
        #expect(identity.verdict(first) == .askAgain)
        #expect(identity.verdict(first, first) == .ownSession)
        guard case .pooled = identity.verdict(first, Reading(processID: 9, mark: "a1")) else {
            Issue.record("sessions that change pass for one")
            return
        }
    }

    @Test func `a parameter that a server may lack, or one with a blank, does not break the startup message`()
    {
        let options = SessionSettings.reading.options(mark: "a1")
        #expect(!options.contains("-c transaction_timeout") && !options.contains("-c idle_session_timeout"))
        #expect(options.contains("-c DateStyle=ISO,\\ MDY") && options.contains("-c search_path= "))
        #expect(options.hasSuffix("-c switchback.session=a1"))
    }

    @Test(arguments: [
        "FATAL: unsupported startup parameter: options",
        "FATAL: unsupported startup parameter in options: search_path",
    ])
    func `a pooler that refuses the settings is reported, with a remedy`(reason: String) {
        let error = PostgresError.refusedConnection(reason, place: "h:6432/d")
        #expect(error.kind == .pooler && error.condition == .final)
        #expect("\(error)".contains("PgBouncer") && !"\(error)".contains("see that the server runs"))
    }
}
