import Foundation

/// An HTTP client for one request, on a socket of its own.
package enum HTTPClient {
    /// An answer, with its head as it came.
    package struct Answer {
        package let head: String
        package let body: String
    }

    package static func get(_ path: String, port: Int) throws -> Answer {
        try send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n", port: port)
    }

    /// Sends a text, and reads until the server closes the connection.
    package static func send(_ text: String, port: Int) throws -> Answer {
        let socket = try connect(port: port)
        defer { close(socket) }
        var bytes = Array(text.utf8)
        while !bytes.isEmpty {
            let count = unsafe Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            // A server that refuses a request may answer before it has read it all.
            guard count > 0 else { break }
            bytes.removeFirst(count)
        }
        return try answer(from: socket)
    }

    /// Reads until the server closes the connection, ten seconds at most between two pieces.
    package static func answer(from socket: Int32) throws -> Answer {
        var received: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(socket, &piece, piece.count, 0)
            guard count >= 0 || errno == ECONNRESET else { throw CocoaError(.fileReadUnknown) }
            guard count > 0 else { break }
            received += piece.prefix(count)
        }
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return Answer(head: text, body: "") }
        return Answer(head: String(text[..<end.lowerBound]), body: String(text[end.upperBound...]))
    }

    package static func connect(port: Int) throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var wait = timeval(tv_sec: 10, tv_usec: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // Sound: the address lives through the call and has the given length.
        let connected = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else {
            close(socket)
            throw CocoaError(.fileReadNoSuchFile)
        }
        return socket
    }
}

/// A port of the loopback address on which nothing listens.
package enum FreePort {
    package static func next() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Sound: the address lives through both calls and has the given length.
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        guard bound else { throw CocoaError(.fileWriteUnknown) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
