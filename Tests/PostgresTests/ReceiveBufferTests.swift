import Foundation
import Glibc
import Records
import Testing

@testable import Postgres

@Suite struct ReceiveBufferTests {
    /// Both ends of a TCP connection on the loopback.
    private func connection() throws -> (client: Int32, server: Int32) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Sound: the pointer is to a sockaddr_in of that length, and is used only during the calls.
        let isConnected = unsafe withUnsafeMutablePointer(to: &address) { own in
            unsafe own.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(listener, pointer, length) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, pointer, &length) == 0 && connect(client, pointer, length) == 0
            }
        }
        try #require(isConnected)
        return (client, accept(listener, nil, nil))
    }

    private func receiveBytes(_ socket: Int32) -> Int32 {
        var bytes: Int32 = 0
        var length = socklen_t(4)
        // Sound: the option is an integer of that size.
        unsafe _ = getsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, &length)
        return bytes
    }

    @Test func `a connection inside one host receives little at a time, and everything in the end`() throws {
        let (client, server) = try connection()
        defer { close(client) }
        #expect(ReceiveBuffer.narrow(client) == .loopback)
        #expect(receiveBytes(client) == 128 << 10)
        let sent = 10_000_000
        let sender = Thread {
            let part = [UInt8](repeating: 1, count: 100)
            // Sound: the count is the array's. The loop ends with the connection.
            for _ in 0..<sent / part.count {
                guard unsafe send(server, part, part.count, 0) == part.count else { break }
            }
            close(server)
        }
        sender.start()
        var received = 0
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        // Sound: the count is the array's.
        while case let count = unsafe recv(client, &chunk, chunk.count, 0), count > 0 { received += count }
        #expect(received == sent)
    }

    @Test func `a reader wakes only when the requested bytes are there`() throws {
        let (client, server) = try connection()
        defer {
            close(client)
            close(server)
        }
        func isReady(withinMilliseconds wait: Int32) -> Bool {
            var waiting = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
            // Sound: one entry, which lives through the call.
            return unsafe poll(&waiting, 1, wait) == 1
        }
        let part = [UInt8](repeating: 1, count: 139)
        ReceiveBuffer.wake(client, atBytes: 140)
        // Sound: the count is the array's.
        #expect(unsafe send(server, part, part.count, 0) == part.count)
        #expect(!isReady(withinMilliseconds: 50))
        #expect(unsafe send(server, part, 1, 0) == 1)
        #expect(isReady(withinMilliseconds: 10_000))
        var buffer = [UInt8](repeating: 0, count: 1000)
        #expect(unsafe recv(client, &buffer, buffer.count, 0) == 140)
        // Fewer bytes can be read all the same, and wake a reader that requests so few.
        #expect(unsafe send(server, part, 1, 0) == 1)
        #expect(!isReady(withinMilliseconds: 50))
        ReceiveBuffer.wake(client, atBytes: 1)
        #expect(isReady(withinMilliseconds: 10_000))
    }

    @Test func `a Unix socket is not changed`() throws {
        var ends: [Int32] = [0, 0]
        // Sound: two descriptors are written into an array of two.
        try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { ends.forEach { close($0) } }
        let before = receiveBytes(ends[0])
        #expect(ReceiveBuffer.narrow(ends[0]) == .unixSocket)
        #expect(receiveBytes(ends[0]) == before)
    }
}
