import Foundation
import Synchronization

/// A proxy before a server that behaves like a bad network: it cuts connections, also within a message, loses
/// the answer to a COMMIT, or delays everything.
///
/// Every call returns at once and may come from any thread. A connection that is opened while the server is
/// away is closed.
package final class CuttingProxy: Sendable {
    /// The direction of bytes through the proxy.
    package enum Direction: Sendable, CaseIterable { case toServer, toClient }

    package let port: Int
    private let listener: Int32
    private let target: UInt16
    private let state = Mutex(State())

    private struct State {
        var links: [Int: ProxyLink] = [:]
        var linksMade = 0
        var commitsToCut = 0
        var commitsToSwallow = 0
        var commitsToHold = 0
        var commitsToPass = 0
        var isHolding = false
        var cutsMade = 0
        var bytesLeft: [Direction: Int] = [:]
        var isStalled = false
        var forgedAnswer: ForgedAnswer?
        var answersToForge = 0
    }

    package init(to port: Int) throws {
        target = UInt16(port)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        // Sound: the address lives through both calls and has the given length.
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                unsafe bind(listener, raw, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, raw, &length) == 0
            }
        }
        guard bound else { throw CocoaError(.fileWriteUnknown) }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        Thread { [self] in accepting() }.start()
    }

    /// The number of commits that were cut or whose answers were lost so far.
    package var cuts: Int { state.withLock { $0.cutsMade } }

    package var connections: Int { state.withLock { $0.links.count } }

    /// Cuts the client's connection when its next COMMIT reaches the server.
    package func cutNextCommit() { state.withLock { $0.commitsToCut = 1 } }

    /// Lets the server perform the next COMMIT, drops its answer, and then cuts the client's connection.
    package func swallowNextCommitAnswer() { state.withLock { $0.commitsToSwallow = 1 } }

    /// Delays a COMMIT until `release`, like a slow network. Its client may be dead by then. So many other
    /// commits pass before it.
    package func holdNextCommit(passing: Int = 0) {
        state.withLock { ($0.commitsToHold, $0.commitsToPass) = (1, passing) }
    }

    package var isHolding: Bool { state.withLock { $0.isHolding } }

    package func release() { state.withLock { $0.isHolding = false } }

    /// Cuts all connections.
    package func cutAll() {
        for link in state.withLock({ Array($0.links.values) }) { link.cut() }
    }

    /// Cuts a connection after so many more bytes in that direction on all connections: the one with the last
    /// byte.
    package func cut(after bytes: Int, _ direction: Direction) {
        state.withLock { $0.bytesLeft[direction] = bytes }
    }

    /// Delays all bytes in both directions until `resume`; nothing is cut.
    package func stall() { state.withLock { $0.isStalled = true } }

    package func resume() { state.withLock { $0.isStalled = false } }

    /// Ends so many replication streams with an error that the server did not send, each after its next
    /// message.
    package func failStreams(_ count: Int, with answer: ForgedAnswer) {
        state.withLock { ($0.forgedAnswer, $0.answersToForge) = (answer, count) }
    }

    /// Cancels every cut that has not happened yet.
    package func heal() {
        state.withLock { state in
            state.commitsToCut = 0
            state.commitsToSwallow = 0
            state.commitsToHold = 0
            state.isHolding = false
            state.bytesLeft = [:]
            state.isStalled = false
            state.answersToForge = 0
        }
    }

    package func close() {
        heal()
        shutdown(listener, Int32(SHUT_RDWR))
        cutAll()
    }

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
            guard client >= 0 else {
                _ = Glibc.close(listener)
                return
            }
            // Close-on-exec: no child process may keep a connection open that is cut here.
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            _ = fcntl(server, F_SETFD, FD_CLOEXEC)
            var address = Self.loopback(target)
            // Sound: the address lives through the call.
            let connected = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                    unsafe connect(server, raw, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard connected else {
                _ = Glibc.close(client)
                _ = Glibc.close(server)
                continue
            }
            let link = ProxyLink(client: client, server: server)
            let number = state.withLock { state in
                state.linksMade += 1
                state.links[state.linksMade] = link
                return state.linksMade
            }
            for direction in Direction.allCases {
                let thread = Thread { [self] in
                    pass(link, direction)
                    if link.end() { state.withLock { _ = $0.links.removeValue(forKey: number) } }
                }
                thread.stackSize = 256 << 10
                thread.start()
            }
        }
    }

    /// Forwards bytes in one direction until the connection ends.
    private func pass(_ link: ProxyLink, _ direction: Direction) {
        let (from, to) =
            direction == .toServer ? (link.client, link.server) : (link.server, link.client)
        var buffer = [UInt8](repeating: 0, count: 65536)
        var commits = CommitFinder()
        var answers = AnswerFrames()
        while true {
            // Sound: the kernel writes at most the buffer's length.
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(from, $0.baseAddress!, $0.count, 0)
            }
            guard count > 0 else { break }
            while state.withLock({ $0.isStalled }) { usleep(2000) }
            if direction == .toServer {
                if commits.take(buffer[..<count]) { meetCommit(link) }
            } else if link.swallowsAnswers {
                // ReadyForQuery outside of a transaction: the COMMIT was performed.
                if Self.contains(buffer[..<count], "Z\0\0\0\u{5}I") { link.cut() }
                continue
            }
            if direction == .toClient, let end = answers.take(buffer[..<count]), let forged = forgeAnswer() {
                _ = send(buffer, end, to) && send(forged, forged.count, to)
                link.cut()
                break
            }
            let allowed = spend(count, direction)
            guard send(buffer, allowed, to) else { break }
            if allowed < count {
                link.cut()
                break
            }
        }
        if direction == .toServer { shutdown(to, Int32(SHUT_WR)) } else { link.cut() }
    }

    private func send(_ buffer: [UInt8], _ count: Int, _ to: Int32) -> Bool {
        var sent = 0
        while sent < count {
            // Sound: at most the received bytes are sent.
            let step = unsafe buffer.withUnsafeBytes {
                unsafe Glibc.send(to, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
            }
            guard step > 0 else { return false }
            sent += step
        }
        return true
    }

    private func meetCommit(_ link: ProxyLink) {
        guard state.withLock({ $0.commitsToCut + $0.commitsToSwallow + $0.commitsToHold > 0 }) else { return }
        let (cuts, swallows) = state.withLock { state in
            if state.commitsToHold > 0, state.commitsToPass > 0 {
                state.commitsToPass -= 1
                return (false, false)
            }
            defer { (state.commitsToCut, state.commitsToSwallow, state.commitsToHold) = (0, 0, 0) }
            if state.commitsToCut + state.commitsToSwallow > 0 { state.cutsMade += 1 }
            state.isHolding = state.commitsToHold > 0
            return (state.commitsToCut > 0, state.commitsToSwallow > 0)
        }
        // The client's side is cut first, so that no answer can reach it.
        if cuts { link.cutClient() } else if swallows { link.swallowAnswers() }
        while isHolding { usleep(2000) }
    }

    private static func contains(_ bytes: ArraySlice<UInt8>, _ word: String) -> Bool {
        let wanted = Array(word.utf8)
        guard bytes.count >= wanted.count else { return false }
        return (bytes.startIndex...(bytes.endIndex - wanted.count)).contains {
            bytes[$0] == wanted[0] && bytes[$0..<($0 + wanted.count)].elementsEqual(wanted)
        }
    }

    /// Returns the answer that ends a stream now; nil if the stream continues.
    private func forgeAnswer() -> [UInt8]? {
        state.withLock { state in
            guard state.answersToForge > 0, let answer = state.forgedAnswer else { return nil }
            state.answersToForge -= 1
            return answer.bytes
        }
    }

    /// Returns how many of these bytes may pass before the requested cut.
    private func spend(_ count: Int, _ direction: Direction) -> Int {
        state.withLock { state in
            guard let left = state.bytesLeft[direction] else { return count }
            guard count > left else {
                state.bytesLeft[direction] = left - count
                return count
            }
            state.bytesLeft[direction] = nil
            return left
        }
    }
}

/// One connection through the proxy: two sockets, which are closed when both directions have ended.
private final class ProxyLink: Sendable {
    let client: Int32
    let server: Int32
    private let state = Mutex((ends: 0, swallows: false))

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
    }

    var swallowsAnswers: Bool { state.withLock { $0.swallows } }

    /// Drops the answers and cuts the connection, after half a second also if ReadyForQuery does not come.
    func swallowAnswers() {
        state.withLock { $0.swallows = true }
        Thread { [self] in
            usleep(500_000)
            cut()
        }.start()
    }

    func cut() {
        state.withLock { state in
            // The number of a closed descriptor may be in use again.
            guard state.ends < 2 else { return }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    func cutClient() {
        state.withLock { state in
            guard state.ends < 2 else { return }
            shutdown(client, Int32(SHUT_RDWR))
        }
    }

    /// Notes the end of one direction; true if it was the second.
    func end() -> Bool {
        state.withLock { state in
            state.ends += 1
            guard state.ends == 2 else { return false }
            close(client)
            close(server)
            return true
        }
    }
}
