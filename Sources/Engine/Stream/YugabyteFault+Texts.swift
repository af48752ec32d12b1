import Records

extension YugabyteFault {
    /// The refusal for a slot of YugabyteDB that cannot be read further: the server's error with its meaning,
    /// the changes concerned, and what the operator does.
    func words(_ error: any DatabaseError, leg: Leg, lastCommit: LogPosition) -> String {
        let (origin, destination) = (leg.direction.origin.rawValue, leg.direction.destination.rawValue)
        let attempts =
            switch hope {
            case .slight: ", \(DecodingFaults.attemptsMax) times in a row"
            case .likely, .none: ""
            }
        return
            "the \(origin) cannot stream its changes after \(lastCommit), the last received commit\(attempts)"
            + ": \(error). No further attempt can help: the slot \(leg.slotName) cannot be used any more, "
            + "and the changes after that commit do not reach the \(destination). Nothing is lost on the "
            + "\(origin). Stay on the \(origin) and end this migration (`switchback end migration`); to have "
            + "the \(destination) in step again, begin a new one. \(prevention)"
    }

    /// What keeps the next slot from it.
    private var prevention: String {
        switch self {
        case .tabletSplit: "Set enable_tablet_split_of_cdcsdk_streamed_tables to false before."
        case .readersExhausted: "End the other readers of that node before."
        case .schemaPackingGone: "Run no DDL there, and create no index, while changes stream."
        case .expired, .changesRemoved:
            "Let nothing keep the capture from reading for that long, or raise these flags before."
        case .tableUnqualified:
            "Begin to stream within that time after the slot was made: approve the release soon."
        case .catalogGone: "Upgrade that server before the cutover, or after the migration has ended."
        }
    }
}
