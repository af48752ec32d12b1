import Postgres
import Records
import Testing

@testable import Engine

/// Whether a server answers, and what the numbers behind it still say.
@Suite struct ServerHealthTests {
    private let lost = PostgresError(
        kind: .connection, sqlState: "", message: "Connection refused", doing: "connect")

    @Test func `a contact keeps the last answer, and since when there is none`() {
        var contact = ServerContact()
        contact.answered(at: 10)
        contact.answered(at: 20)
        #expect(contact.answersSince == 10 && contact.answeredAt == 20 && contact.awaySince == nil)
        contact.failed(lost, at: 30)
        contact.failed(lost, at: 35)
        #expect(contact.awaySince == 30 && contact.triedAt == 35 && contact.answeredAt == 20)
        #expect(contact.reason.contains("Connection refused"))
        contact.answered(at: 40)
        #expect(contact.awaySince == nil && contact.answersSince == 40 && contact.reason == "")
        // A server that refuses a statement answers.
        contact.failed(
            PostgresError(kind: .server, sqlState: "40P01", message: "deadlock", doing: "apply"), at: 50)
        #expect(contact.awaySince == nil)
    }

    @Test func `the newest of what the role and the monitor of the gates have met decides`() {
        var contact = ServerContact()
        contact.answered(at: 10)
        #expect(ServerHealth(contact, nil) == ServerHealth(.answers, since: 10, lastAnsweredAt: 10))
        // An idle import does not notice; the monitor does.
        let away = ServerHealth.Reading(readAt: 20, isAway: true, awaySince: 17, reason: "gone")
        #expect(
            ServerHealth(contact, away)
                == ServerHealth(.away, since: 17, lastAnsweredAt: 10, reason: "gone"))
        contact.failed(lost, at: 25)
        #expect(ServerHealth(contact, away).since == 17)
        #expect(ServerHealth(contact, away).reason.contains("Connection refused"))
        // It answers the monitor before the role tries again.
        let back = ServerHealth.Reading(readAt: 30, isAway: false)
        #expect(ServerHealth(contact, back).state == .answers)
        #expect(ServerHealth(contact, back).lastAnsweredAt == 30)
        #expect(ServerHealth(nil, nil).state == .unknown)
        // A role that has answered since is stopped now: the older fault does not come back.
        var stopped = ServerContact()
        stopped.answered(at: 18)
        #expect(ServerHealth(nil, away, before: contact).state == .away)
        stopped.answered(at: 21)
        #expect(ServerHealth(nil, away, before: stopped).state == .unknown)
    }

    @Test func `what remains is unknown while the origin is not read, and is not called done`() {
        var sample = AlertSample()
        #expect(sample.status.remainingEvents == 0 && sample.status.timeToCatchUp == .caughtUp)
        sample.status.servers[.source] = ServerHealth(.away, since: 990, reason: "gone")
        #expect(sample.status.remainingEvents == nil && sample.status.knownRemainingEvents == 0)
        #expect(sample.status.timeToCatchUp == .originUnread(known: 0))
        #expect(sample.status.commitLagSeconds == nil)
        for word in [RoleState.Word.retrying, .stopped, .ended, .paused, .waiting, .starting] {
            var other = AlertSample()
            other.status.capture?.state.word = word
            #expect(other.status.timeToCatchUp == .originUnread(known: 0), "\(word)")
        }
        // A target that is away changes nothing about what is known of the source.
        var target = AlertSample()
        target.loseServer(.target)
        #expect(target.status.remainingEvents == 0)
        var silent = AlertSample()
        silent.status.capture?.publishedAt = 900
        #expect(silent.status.remainingEvents == nil)
    }

    @Test func `retries that follow each other have one beginning`() {
        var retries = Retries()
        retries.add("a", at: 100, waitMilliseconds: 100)
        retries.add("b", at: 130, waitMilliseconds: 100)
        #expect(retries.since == 100 && retries.count == 2)
        retries.add("c", at: 300, waitMilliseconds: 100)
        #expect(retries.since == 300)
    }
}
