import Postgres
import Testing

@Suite struct StreamProtocolTests {
    @Test(
        arguments: [
            (100_023, 1), (110_022, 1), (120_000, 1), (130_016, 1), (140_000, 2), (140_012, 2), (150_018, 3),
            (160_000, 4), (170_010, 4), (180_006, 4), (190_000, 4),
        ])
    func `the protocol follows from the server's version`(server: Int, version: Int) {
        let asked = StreamProtocol(serverVersion: server, isYugabyteDB: false)
        #expect(asked.version == version)
        #expect(asked.streamsOpenTransactions == (server >= 140_000))
        #expect(asked.sendsMessages == (server >= 140_000))
    }

    @Test func `an old server is asked for the stream and nothing else`() {
        let asked = StreamProtocol(serverVersion: 130_000, isYugabyteDB: false)
        #expect(asked.options(publication: "p") == #"proto_version '1', publication_names '"p"'"#)
    }

    @Test
    func `from 14 on messages and open transactions are asked for, and never two_phase, binary or parallel`()
    {
        for server in [140_000, 150_000, 160_000, 170_000, 180_000] {
            let asked = StreamProtocol(serverVersion: server, isYugabyteDB: false)
            #expect(
                asked.options(publication: "it's") == "proto_version '\(asked.version)', "
                    + #"publication_names '"it''s"', messages 'true', streaming 'on'"#)
        }
    }

    @Test func `whole transactions can be asked for of any server`() {
        let asked = StreamProtocol(serverVersion: 170_000, isYugabyteDB: false).withoutOpenTransactions
        #expect(
            asked.options(publication: "p")
                == #"proto_version '4', publication_names '"p"', messages 'true'"#)
    }

    @Test(arguments: [110_002, 150_002, 160_000])
    func `YugabyteDB is asked for protocol 1 without streaming, whatever its PostgreSQL is`(server: Int) {
        let asked = StreamProtocol(serverVersion: server, isYugabyteDB: true)
        #expect(asked.version == 1 && !asked.streamsOpenTransactions)
        #expect(!asked.sendsMessages)
        #expect(asked.options(publication: "p") == #"proto_version '1', publication_names '"p"'"#)
    }
}
