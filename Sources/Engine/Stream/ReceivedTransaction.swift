import Records

/// The transaction whose messages the capture receives.
struct ReceivedTransaction {
    private(set) var isOpen = false
    /// The message that began it: the first bytes of a room that is kept for the next ones.
    private var beginRoom = [UInt8](repeating: 0, count: 32)
    private var beginBytes = 0
    private(set) var finalLSN = LSN.zero
    /// The origin's number of it.
    private(set) var number: UInt32 = 0
    /// The log has it from before.
    private(set) var isDuplicate = false
    var isLogged = false
    var events: Int64 = 0
    var barrier: String?

    /// Lends the message that began it.
    func withBegin<R>(_ body: (RawSpan) throws -> R) rethrows -> R {
        let room = beginRoom
        // The array outlives the span, which is used within this call.
        return try unsafe body(room.span.bytes.extracting(0..<beginBytes))
    }

    mutating func begin(with message: RawSpan, finalLSN: LSN, number: UInt32, isDuplicate: Bool) {
        end()
        isOpen = true
        beginBytes = message.byteCount
        if beginRoom.count < beginBytes { beginRoom = [UInt8](repeating: 0, count: beginBytes) }
        // There is room for it.
        unsafe message.withUnsafeBytes { message in
            unsafe beginRoom.withUnsafeMutableBytes { unsafe $0.copyMemory(from: message) }
        }
        self.finalLSN = finalLSN
        self.number = number
        self.isDuplicate = isDuplicate
    }

    /// Ends it, and keeps the room for the next one's beginning.
    mutating func end() {
        isOpen = false
        beginBytes = 0
        finalLSN = .zero
        number = 0
        isDuplicate = false
        isLogged = false
        events = 0
        if barrier != nil { barrier = nil }
    }
}
