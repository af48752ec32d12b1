import Foundation
import Glibc
import Records
import Testing

@testable import Postgres

/// A server's end of a replication connection, played by the test.
@Suite struct StreamSocketTests {
    private final class Ends {
        let client: Int32
        let server: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            // The array has room for both.
            try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            (client, server) = (ends[0], ends[1])
        }

        deinit {
            close(client)
            close(server)
        }

        func say(_ letter: Character, _ payload: [UInt8] = []) {
            say([letter.asciiValue!] + [UInt8](bigEndian: UInt32(payload.count + 4)) + payload)
        }

        func say(_ bytes: [UInt8]) {
            // The array is as large as is said, and smaller than a socket's buffer.
            unsafe #expect(send(server, bytes, bytes.count, 0) == bytes.count)
        }

        func hear(_ count: Int) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            // The array is as large as is said.
            let heard = unsafe recv(server, &bytes, count, Int32(MSG_WAITALL))
            return Array(bytes.prefix(max(heard, 0)))
        }
    }

    private func answer(_ fields: [(Character, String)]) -> [UInt8] {
        fields.flatMap { [$0.asciiValue!] + Array($1.utf8) + [0] } + [0]
    }

    /// The messages that are there, and what came after them.
    private func take(_ socket: StreamSocket) throws -> ([[UInt8]], PostgresConnection.Received) {
        var found: [[UInt8]] = []
        while true {
            let received = try socket.receive(waitMilliseconds: 1000) { payload in
                found.append(unsafe payload.withUnsafeBytes { unsafe Array($0) })
            }
            guard case .message = received else { return (found, received) }
        }
    }

    private func started(_ ends: Ends) throws -> StreamSocket {
        ends.say("W", [0, 0, 0])
        let socket = try StreamSocket(ends.client, place: "the test")
        try socket.awaitStart()
        return socket
    }

    @Test func `the stream begins after its answer, past notices and parameters`() throws {
        let ends = try Ends()
        ends.say("N", answer([("S", "NOTICE"), ("M", "something")]))
        ends.say("S", Array("TimeZone\0UTC\0".utf8))
        ends.say("W", [0, 0, 0])
        ends.say("d", [1, 2])
        ends.say("N", answer([("S", "WARNING"), ("M", "something")]))
        ends.say("d", [3])
        let socket = try StreamSocket(ends.client, place: "the test")
        try socket.awaitStart()
        ends.say("C", Array("COPY 0\0".utf8))
        let (found, last) = try take(socket)
        #expect(found == [[1, 2], [3]])
        guard case .ended = last else { return #expect(Bool(false), "the command was complete") }
    }

    @Test func `a refused start is the server's error, without what quotes rows`() throws {
        let ends = try Ends()
        ends.say(
            "E",
            answer([
                ("S", "ERROR"), ("C", "55006"), ("M", "replication slot is active for PID 7"),
                ("D", "secret"),
                ("H", "wait"),
            ]))
        let socket = try StreamSocket(ends.client, place: "the test")
        let error = try #require(throws: PostgresError.self) { try socket.awaitStart() }
        #expect(error.sqlState == "55006")
        #expect(error.hint == "wait")
        #expect(!error.description.contains("secret"))
        #expect(!error.isConnectionLoss)
    }

    @Test func `an error in the stream is the stream's, and a server that shuts down a lost connection`()
        throws
    {
        let ends = try Ends()
        let socket = try started(ends)
        ends.say("E", answer([("C", "XX000"), ("M", "could not map"), ("s", "public"), ("t", "item")]))
        let error = try #require(throws: PostgresError.self) { try take(socket) }
        #expect(error.isOfStream)
        #expect(error.table == "public.item")
        ends.say("E", answer([("C", "57P01"), ("M", "terminating connection")]))
        #expect(try #require(throws: PostgresError.self) { try take(socket) }.isConnectionLoss)
    }

    @Test func `what is no message of a stream is a lost connection, as is the end of it`() throws {
        for bytes: [UInt8] in [
            Array("Z".utf8) + [0, 0, 0, 5, 73], Array("d".utf8) + [0, 0, 0, 0], Array("HTTP/1.1 400".utf8),
        ] {
            let ends = try Ends()
            let socket = try started(ends)
            ends.say(bytes)
            #expect(try #require(throws: PostgresError.self) { try take(socket) }.isConnectionLoss)
        }
        let ends = try Ends()
        let socket = try started(ends)
        ends.say("d", [1])
        ends.say([UInt8(ascii: "d"), 0, 0])
        shutdown(ends.server, Int32(SHUT_WR))
        var found = 0
        let error = try #require(throws: PostgresError.self) {
            while true { _ = try socket.receive(waitMilliseconds: 1000) { _ in found += 1 } }
        }
        // What came before the end was lent, the half of a message was not.
        #expect(found == 1)
        #expect(error.isConnectionLoss)
    }

    @Test func `nothing there is nothing, at once where no wait is asked for`() throws {
        let ends = try Ends()
        let socket = try started(ends)
        guard case .nothing = try socket.receive(waitMilliseconds: 0, message: { _ in }) else {
            return #expect(Bool(false), "nothing was sent")
        }
        #expect(try !socket.takeIn())
    }

    @Test func `what is told the server is one message, whole, also where its side is full for a while`()
        throws
    {
        let ends = try Ends()
        let socket = try started(ends)
        try socket.send([1, 2, 3])
        #expect(ends.hear(8) == [UInt8(ascii: "d"), 0, 0, 0, 7, 1, 2, 3])
        // More than two sockets' buffers hold.
        let large = [UInt8](repeating: 9, count: 4 << 20)
        let heard = Thread.detached { ends.hear(large.count + 5) }
        try socket.send(large)
        #expect(heard() == [UInt8(ascii: "d"), 0, 0x40, 0, 4] + large)
    }
}

extension Thread {
    /// Runs it beside the caller; what is returned waits for what it returned.
    fileprivate static func detached(_ body: @escaping () -> [UInt8]) -> () -> [UInt8] {
        nonisolated(unsafe) var result: [UInt8] = []
        nonisolated(unsafe) let body = body
        let done = DispatchSemaphore(value: 0)
        Thread {
            unsafe result = body()
            done.signal()
        }.start()
        return {
            done.wait()
            return unsafe result
        }
    }
}
