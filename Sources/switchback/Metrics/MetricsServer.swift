import Foundation
import Synchronization

/// A small HTTP server that answers `GET /metrics`, on a thread of its own. It ends with the process, or when
/// it is closed.
///
/// Connections, the size of a request, and the time that a client may take are bounded. So a client can slow
/// down other clients, and never a role.
final class MetricsServer: Sendable {
    let port: Int
    let url: String
    private let listener: Int32
    private let isClosed = Atomic<Bool>(false)
    private let hasEnded = DispatchSemaphore(value: 0)
    private let body: @Sendable () throws -> String

    /// Connections at once; another one waits to be accepted.
    static let connectionsMax = 16
    private static let backlog: Int32 = 16
    /// Interval at which the thread sees that it was closed.
    private static let pollMilliseconds: Int32 = 200

    /// Begins to listen. Throws if the address and port cannot be had.
    ///
    /// - Parameters:
    ///   - port: 0 for any that is free
    ///   - body: makes the metrics, for each request anew
    init(address: String, port: Int, body: @escaping @Sendable () throws -> String) throws {
        guard let place = SocketAddress(address, port: port) else {
            throw VerbFailure("--metrics-address \(address) is not an IP address")
        }
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        listener = socket(place.family, flags, 0)
        var yes: Int32 = 1
        // The port of a process that has just ended may be had again. Sound: the value lives for the call.
        unsafe setsockopt(
            listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard listener >= 0, place.bind(listener), listen(listener, Self.backlog) == 0 else {
            // The message is copied before another call can change it.
            let reason = unsafe String(cString: strerror(errno))
            if listener >= 0 { Glibc.close(listener) }
            throw VerbFailure(
                "cannot serve metrics at \(place.urlHost):\(port): \(reason); give another --metrics-port")
        }
        self.port = SocketAddress.port(of: listener)
        url = "http://\(place.urlHost):\(self.port)/metrics"
        self.body = body
        Thread { [self] in serve() }.start()
    }

    /// Ends the server, and waits until its sockets are closed.
    func close() {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        hasEnded.wait()
    }

    private func serve() {
        var connections: [MetricsConnection] = []
        while !isClosed.load(ordering: .acquiring) {
            var waits = connections.map {
                pollfd(fd: $0.socket, events: Int16($0.isAnswering ? POLLOUT : POLLIN), revents: 0)
            }
            let takesMore = connections.count < Self.connectionsMax
            waits.append(pollfd(fd: listener, events: takesMore ? Int16(POLLIN) : 0, revents: 0))
            // Sound: the array lives for the call, which writes its elements.
            _ = unsafe poll(&waits, nfds_t(waits.count), Self.pollMilliseconds)
            for (index, connection) in connections.enumerated() where waits[index].revents != 0 {
                connection.advance(body)
            }
            connections.removeAll { $0.isOver }
            if takesMore, waits[waits.count - 1].revents & Int16(POLLIN) != 0 {
                let socket = accept(listener, nil, nil)
                if socket >= 0 { connections.append(MetricsConnection(socket)) }
            }
        }
        connections.removeAll()
        Glibc.close(listener)
        hasEnded.signal()
    }
}
