import Records

/// The barrier that ends a leg: it shows whether anybody wrote to the origin after it was proved quiet. A
/// value without I/O.
///
/// Such a write cannot be undone; it is always reported.
struct LastBarrier {
    /// Longest wait for the barrier.
    static let waitSeconds = 10.0

    private let token: String
    private let quiet: Cutover.Barrier
    private(set) var isSeen = false

    /// The barrier of the cutover that has released the application from `direction`; nil if there is none,
    /// or it did not prove the origin quiet.
    init?(_ cutovers: [Cutover], ending direction: Direction) {
        let cutover = cutovers.last { $0.options.ends == direction && $0.releasedAt != nil }
        guard let cutover, let quiet = cutover.barriers[.quiet] else { return nil }
        token = cutover.token
        self.quiet = quiet
    }

    var content: String { Barrier.content(token: token, kind: .last) }

    /// Takes a barrier that came through the stream.
    mutating func take(_ content: String) {
        // This stream also carries the barriers of another migration on the same origin.
        if content == self.content { isSeen = true }
    }

    /// A sentence for the operator; nil if nobody wrote.
    ///
    /// - Parameter transactions: those with changes that the leg has logged by now
    func finding(transactions: Int64, origin: Side) -> String? {
        let late = transactions - quiet.transactions
        if late > 0 {
            return
                "\(counted(late, "transaction")) wrote to \(origin.rawValue) after it was proved quiet at "
                + "\(quiet.lsn); they are in the newest segment and may have been applied or not: compare "
                + "the tables, and carry over by hand what is missing"
        }
        guard !isSeen else { return nil }
        return
            "whether anybody wrote to \(origin.rawValue) after \(quiet.lsn) is not known: the stream was "
            + "silent for \(Int(Self.waitSeconds)) s; compare the tables"
    }
}
