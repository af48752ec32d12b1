import Engine
import Foundation
import Records
import Support
import Testing

/// A whole migration between two servers of one's own, from an empty directory to its end.
@Suite(.serialized, .voyageServers) struct OwnServersTests {
    @Test func `at 80x24 keys alone lead from an empty directory through every trouble to the end`() throws {
        try withVoyage(try #require(VoyageServers.current), database: "bykeys") { site in
            let console = try PseudoTerminal(
                executable: "/bin/sh", arguments: ["-c", site.command()], environment: site.environment)
            let hand = VoyageHand(console, site)
            try hand.beginHere()
            try hand.connect()
            try hand.moveSchema()
            site.write(to: .source)
            try hand.goLive(without: "scratch")
            try hand.seeDeadSource()
            try hand.mendIncident()
            site.stopWriting()
            try hand.cutOverPastSession()
            site.write(to: .target)
            try hand.watchChangesComeBack()
            site.stopWriting()
            try hand.cutOverToSource()
            #expect(try site.differences() == [])
            try hand.end()
            console.send("q")
            #expect(try console.waitForEnd(timeout: 30) == 0)
            #expect(console.isCooked)
            #expect(try site.status().phase == .ended)
            #expect(try site.differences() == [])
            #expect(try site.sql(.target, "select count(*) from scratch").scalar == "0")
        }
    }
}
