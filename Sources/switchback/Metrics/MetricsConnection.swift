import Foundation

/// One connection to the metrics' server: it reads a request, sends the answer, and is over. Its socket does
/// not block, and closes with it.
final class MetricsConnection {
    let socket: Int32
    private var request: [UInt8] = []
    private var answer: [UInt8] = []
    private var sent = 0
    private(set) var isAnswering = false
    private var hasEnded = false
    private let until: ContinuousClock.Instant

    /// Bytes of a request, with its headers.
    static let requestBytesMax = 8 << 10
    /// Time for the whole exchange.
    static let secondsMax = 5.0

    /// Takes the socket over.
    init(_ socket: Int32) {
        self.socket = socket
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        until = .now + .seconds(Self.secondsMax)
    }

    deinit { close(socket) }

    var isOver: Bool { hasEnded || ContinuousClock.now >= until }

    /// Reads or sends what the socket has or takes.
    func advance(_ body: () throws -> String) {
        if isAnswering { return send() }
        var piece = [UInt8](repeating: 0, count: 4096)
        // Sound: the kernel writes at most the array's length.
        let count = unsafe recv(socket, &piece, piece.count, 0)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else {
            hasEnded = true
            return
        }
        request += piece.prefix(count)
        guard let head = MetricsRequest.head(of: request) else {
            if request.count > Self.requestBytesMax { begin(MetricsRequest.answer(.tooLarge)) }
            return
        }
        begin(MetricsRequest.answer(to: head, body))
    }

    private func begin(_ answer: String) {
        self.answer = Array(answer.utf8)
        isAnswering = true
        send()
    }

    private func send() {
        // Sound: the array lives for the call, and `sent` is below its count.
        let count = unsafe answer.withUnsafeBytes { bytes in
            unsafe Glibc.send(
                socket, bytes.baseAddress.map { unsafe $0 + sent }, bytes.count - sent,
                Int32(MSG_NOSIGNAL))
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else {
            hasEnded = true
            return
        }
        sent += count
        guard sent == answer.count else { return }
        // What the client still sends is not read; a close alone would reset the connection then.
        shutdown(socket, Int32(SHUT_WR))
        hasEnded = true
    }
}

/// The requests that the metrics' server understands, and its answers.
enum MetricsRequest {
    /// An answer without metrics.
    enum Refusal: String {
        case malformed = "400 Bad Request"
        case unknownPath = "404 Not Found"
        case method = "405 Method Not Allowed"
        case tooLarge = "431 Request Header Fields Too Large"
        case unavailable = "503 Service Unavailable"
    }

    /// Returns the first line of a request that has arrived with its headers; nil while it has not.
    static func head(of bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard bytes.count <= MetricsConnection.requestBytesMax,
            text.contains("\r\n\r\n") || text.contains("\n\n")
        else { return nil }
        return text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }

    /// Returns the answer to a request.
    static func answer(to head: String, _ body: () throws -> String) -> String {
        let words = head.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return answer(.malformed) }
        guard words[0] == "GET" else { return answer(.method) }
        guard words[1].prefix(while: { $0 != "?" }) == "/metrics" else { return answer(.unknownPath) }
        do { return answer("200 OK", type: "text/plain; version=0.0.4; charset=utf-8", try body()) } catch {
            // The journal may be busy for a moment; the next request reads it again.
            return answer(.unavailable)
        }
    }

    static func answer(_ refusal: Refusal) -> String {
        answer(
            refusal.rawValue, type: "text/plain; charset=utf-8",
            refusal.rawValue + "; metrics are at GET /metrics\n",
            refusal == .method ? "Allow: GET\r\n" : "")
    }

    private static func answer(_ status: String, type: String, _ body: String, _ header: String = "")
        -> String
    {
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\(header)"
            + "Connection: close\r\n\r\n\(body)"
    }
}
