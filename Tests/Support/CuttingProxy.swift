import Foundation
import Synchronization

/// A way to a server that is cut when a client says COMMIT: the server gets the word, the client never an answer.
package final class CuttingProxy: Sendable {
    package let port: Int
    private let listener: Int32
    private let target: UInt16
    private let cutsLeft = Mutex(0)
    private let cutsMade = Mutex(0)

    package init(to port: Int) throws {
        target = UInt16(port)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        // The address lives on this frame through both calls, and is as long as is said.
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                unsafe bind(listener, raw, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, raw, &length) == 0
            }
        }
        guard bound else { throw CocoaError(.fileWriteUnknown) }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        Thread { [self] in accepting() }.start()
    }

    package var cuts: Int { cutsMade.withLock { $0 } }

    package func cutNextCommit() { cutsLeft.withLock { $0 = 1 } }

    package func close() { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private func accepting() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Self.loopback(target)
            // The address lives on this frame through the call.
            let connected = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                    unsafe connect(server, raw, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard connected else {
                _ = Glibc.close(client)
                continue
            }
            Thread { [self] in pass(client, to: server, watching: true) }.start()
            Thread { [self] in pass(server, to: client, watching: false) }.start()
        }
    }

    /// Carries bytes one way until an end comes; both ends then close.
    private func pass(_ from: Int32, to: Int32, watching: Bool) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            // The kernel writes at most the buffer's length.
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(from, $0.baseAddress!, $0.count, 0)
            }
            guard count > 0 else { break }
            if watching, String(decoding: buffer[..<count], as: UTF8.self).contains("commit"), takeCut() {
                // The client's side goes first, so that no answer can reach it.
                shutdown(from, Int32(SHUT_RDWR))
            }
            // No more is sent than was received.
            guard
                unsafe buffer.withUnsafeBytes({ unsafe send(to, $0.baseAddress!, count, Int32(MSG_NOSIGNAL)) }
                ) == count
            else { break }
        }
        shutdown(to, Int32(watching ? SHUT_WR : SHUT_RDWR))
    }

    private func takeCut() -> Bool {
        let takes = cutsLeft.withLock { left in
            defer { left = 0 }
            return left > 0
        }
        if takes { cutsMade.withLock { $0 += 1 } }
        return takes
    }
}
