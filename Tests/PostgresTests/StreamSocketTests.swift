import Foundation
import Glibc
import Records
import Testing

@testable import Postgres

/// Sockets whose other end the test plays as a server.
@Suite struct StreamSocketTests {
    private final class Ends {
        let client: Int32
        let server: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            // Sound: the array has two elements.
            try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            (client, server) = (ends[0], ends[1])
        }

        deinit {
            close(client)
            close(server)
        }

        func send(_ letter: Character, _ payload: [UInt8] = []) {
            send([letter.asciiValue!] + [UInt8](bigEndian: UInt32(payload.count + 4)) + payload)
        }

        func send(_ bytes: [UInt8]) {
            // Sound: the count is the array's. It is smaller than a socket's buffer.
            unsafe #expect(Glibc.send(server, bytes, bytes.count, 0) == bytes.count)
        }

        func receive(_ count: Int) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            // Sound: the count is the array's.
            let received = unsafe recv(server, &bytes, count, Int32(MSG_WAITALL))
            return Array(bytes.prefix(max(received, 0)))
        }
    }

    private func answer(_ fields: [(Character, String)]) -> [UInt8] {
        fields.flatMap { [$0.asciiValue!] + Array($1.utf8) + [0] } + [0]
    }

    /// Returns the messages that have come, and what came after them.
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
        ends.send("W", [0, 0, 0])
        let socket = try StreamSocket(ends.client, server: "the test")
        try socket.awaitStart()
        return socket
    }

    @Test func `the stream begins after its answer, past notices and parameters`() throws {
        let ends = try Ends()
        ends.send("N", answer([("S", "NOTICE"), ("M", "something")]))
        ends.send("S", Array("TimeZone\0UTC\0".utf8))
        ends.send("W", [0, 0, 0])
        ends.send("d", [1, 2])
        ends.send("N", answer([("S", "WARNING"), ("M", "something")]))
        ends.send("d", [3])
        let socket = try StreamSocket(ends.client, server: "the test")
        try socket.awaitStart()
        ends.send("C", Array("COPY 0\0".utf8))
        let (found, last) = try take(socket)
        #expect(found == [[1, 2], [3]])
        guard case .ended = last else { return #expect(Bool(false), "the command was complete") }
    }

    @Test func `a refused start is the server's error, without the fields that quote rows`() throws {
        let ends = try Ends()
        ends.send(
            "E",
            answer([
                ("S", "ERROR"), ("C", "55006"), ("M", "replication slot is active for PID 7"),
                ("D", "secret"),
                ("H", "wait"),
            ]))
        let socket = try StreamSocket(ends.client, server: "the test")
        let error = try #require(throws: PostgresError.self) { try socket.awaitStart() }
        #expect(error.sqlState == "55006")
        #expect(error.hint == "wait")
        #expect(!error.description.contains("secret"))
        #expect(!error.isConnectionLoss)
    }

    @Test func `an error in the stream is one of the stream, and a server's shutdown is a lost connection`()
        throws
    {
        let ends = try Ends()
        let socket = try started(ends)
        ends.send("E", answer([("C", "XX000"), ("M", "could not map"), ("s", "public"), ("t", "item")]))
        let error = try #require(throws: PostgresError.self) { try take(socket) }
        #expect(error.isOfStream)
        #expect(error.table == "public.item")
        ends.send("E", answer([("C", "57P01"), ("M", "terminating connection")]))
        #expect(try #require(throws: PostgresError.self) { try take(socket) }.isConnectionLoss)
    }

    @Test func `bytes that are no message, and the end of the stream, are a lost connection`() throws {
        for bytes: [UInt8] in [
            Array("Z".utf8) + [0, 0, 0, 5, 73], Array("d".utf8) + [0, 0, 0, 0], Array("HTTP/1.1 400".utf8),
        ] {
            let ends = try Ends()
            let socket = try started(ends)
            ends.send(bytes)
            #expect(try #require(throws: PostgresError.self) { try take(socket) }.isConnectionLoss)
        }
        let ends = try Ends()
        let socket = try started(ends)
        ends.send("d", [1])
        ends.send([UInt8(ascii: "d"), 0, 0])
        shutdown(ends.server, Int32(SHUT_WR))
        var found = 0
        let error = try #require(throws: PostgresError.self) {
            while true { _ = try socket.receive(waitMilliseconds: 1000) { _ in found += 1 } }
        }
        // The whole message before the end was lent, the half one was not.
        #expect(found == 1)
        #expect(error.isConnectionLoss)
    }

    @Test func `without a wait an empty stream returns at once`() throws {
        let ends = try Ends()
        let socket = try started(ends)
        guard case .nothing = try socket.receive(waitMilliseconds: 0, message: { _ in }) else {
            return #expect(Bool(false), "nothing was sent")
        }
        #expect(try !socket.takeIn())
    }

    @Test func `a message to the server arrives whole, even if its buffer is full for a while`()
        throws
    {
        let ends = try Ends()
        let socket = try started(ends)
        try socket.send([1, 2, 3])
        #expect(ends.receive(8) == [UInt8(ascii: "d"), 0, 0, 0, 7, 1, 2, 3])
        // More than the buffers of two sockets.
        let large = [UInt8](repeating: 9, count: 4 << 20)
        let received = Thread.detached { ends.receive(large.count + 5) }
        try socket.send(large)
        #expect(received() == [UInt8(ascii: "d"), 0, 0x40, 0, 4] + large)
    }
}

extension Thread {
    /// Runs a closure on another thread; the returned closure waits for its result.
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
