import Records

/// The barrier that ends a leg: it tells whether anybody wrote to the origin after it was proved quiet. Such a write is past
/// undoing; it is named, never passed over. A value without I/O.
struct LastBarrier {
    /// So long it is waited for.
    static let waitSeconds = 10.0
    private static let name = "last"

    private let token: String
    private let quiet: Cutover.Barrier
    private(set) var isSeen = false

    /// The one of the cutover that has released the application from `direction`; nil where none has, or none was proved quiet.
    init?(_ cutovers: [Cutover], ending direction: Direction) {
        let cutover = cutovers.last { $0.options.ends == direction && $0.releasedAt != nil }
        guard let cutover, let quiet = cutover.barriers["quiet"] else { return nil }
        token = cutover.token
        self.quiet = quiet
    }

    var content: String { Barrier.content(token: token, name: Self.name) }

    /// A barrier came through the stream.
    mutating func came(_ content: String) {
        // Another migration on the same origin has its own, which come through this stream, too.
        if content == self.content { isSeen = true }
    }

    /// What the operator has to know; nil where nobody wrote.
    ///
    /// - Parameter transactions: those with changes that the leg has logged by now.
    func finding(transactions: Int64, origin: Side) -> String? {
        let late = transactions - quiet.transactions
        if late > 0 {
            return
                "\(counted(late, "transaction")) wrote to \(origin.rawValue) after it was proved quiet at \(quiet.lsn); "
                + "they are in the newest segment and may have been applied or not: compare the tables, and carry over by hand what "
                + "is missing"
        }
        guard !isSeen else { return nil }
        return
            "whether anybody wrote to \(origin.rawValue) after \(quiet.lsn) is not known: the stream was "
            + "silent for \(Int(Self.waitSeconds)) s; compare the tables"
    }
}
