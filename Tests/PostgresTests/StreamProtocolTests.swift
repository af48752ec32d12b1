import Postgres
import Records
import Testing

@Suite struct StreamProtocolTests {
    @Test(
        arguments: [
            (100_023, 1), (110_022, 1), (120_000, 1), (130_016, 1), (140_000, 2), (140_012, 2), (150_018, 3),
            (160_000, 4), (170_010, 4), (180_006, 4), (190_000, 4),
        ])
    func `the protocol follows from the server's version`(server: Int, version: Int) {
        let requested = StreamProtocol(serverVersion: server, isYugabyteDB: false)
        #expect(requested.version == version)
        #expect(requested.streamsOpenTransactions == (server >= 140_000))
        #expect(requested.sendsMessages == (server >= 140_000))
    }

    @Test func `an old server gets no options`() {
        let requested = StreamProtocol(serverVersion: 130_000, isYugabyteDB: false)
        #expect(requested.options(publication: "p") == #"proto_version '1', publication_names '"p"'"#)
    }

    @Test
    func `from 14 on messages and open transactions are requested, and never two_phase, binary or parallel`()
    {
        for server in [140_000, 150_000, 160_000, 170_000, 180_000] {
            let requested = StreamProtocol(serverVersion: server, isYugabyteDB: false)
            #expect(
                requested.options(publication: "it's") == "proto_version '\(requested.version)', "
                    + #"publication_names '"it''s"', messages 'true', streaming 'on'"#)
        }
    }

    @Test func `whole transactions can be requested from any server`() {
        let requested = StreamProtocol(serverVersion: 170_000, isYugabyteDB: false).withoutOpenTransactions
        #expect(
            requested.options(publication: "p")
                == #"proto_version '4', publication_names '"p"', messages 'true'"#)
    }

    @Test(arguments: [110_002, 150_002, 160_000])
    func `YugabyteDB gets protocol 1 without streaming, whatever its PostgreSQL version is`(server: Int) {
        let requested = StreamProtocol(serverVersion: server, isYugabyteDB: true)
        #expect(requested.version == 1 && !requested.streamsOpenTransactions)
        #expect(!requested.sendsMessages)
        #expect(requested.options(publication: "p") == #"proto_version '1', publication_names '"p"'"#)
    }
}
