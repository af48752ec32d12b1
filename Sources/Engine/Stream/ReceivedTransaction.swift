import Records

/// The transaction whose messages the capture receives.
struct ReceivedTransaction {
    private enum State {
        case none
        /// The log has it from an earlier connection.
        case duplicate
        /// Received, with nothing of it in the log yet.
        case received
        /// Partly in the log.
        case logged
    }

    private var state = State.none
    /// Buffer whose first bytes are the BEGIN message; it is kept for the next transaction.
    private var beginBuffer = [UInt8](repeating: 0, count: 32)
    private var beginBytes = 0
    private(set) var finalLSN = LogPosition.zero
    /// The origin's transaction ID.
    private(set) var number: UInt32 = 0
    var events: Int64 = 0
    var barrier: String?

    var isOpen: Bool { state != .none }
    var isDuplicate: Bool { state == .duplicate }
    var isLogged: Bool { state == .logged }

    /// Lends the BEGIN message.
    func withBegin<R>(_ body: (RawSpan) throws -> R) rethrows -> R {
        let buffer = beginBuffer
        // Sound: the array outlives the span, which is used only within this call.
        return try unsafe body(buffer.span.bytes.extracting(0..<beginBytes))
    }

    mutating func begin(with message: RawSpan, finalLSN: LogPosition, number: UInt32, isDuplicate: Bool) {
        end()
        state = isDuplicate ? .duplicate : .received
        beginBytes = message.byteCount
        if beginBuffer.count < beginBytes { beginBuffer = [UInt8](repeating: 0, count: beginBytes) }
        // Sound: the buffer is at least as large as the message.
        unsafe message.withUnsafeBytes { message in
            unsafe beginBuffer.withUnsafeMutableBytes { unsafe $0.copyMemory(from: message) }
        }
        self.finalLSN = finalLSN
        self.number = number
    }

    /// Records that its BEGIN is appended to the log.
    mutating func beginsInLog() { state = .logged }

    /// Ends it, and keeps the buffer for the next one.
    mutating func end() {
        state = .none
        beginBytes = 0
        finalLSN = .zero
        number = 0
        events = 0
        if barrier != nil { barrier = nil }
    }
}
