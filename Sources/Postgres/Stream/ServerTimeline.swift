import Records

extension ServerTimeline {
    /// Reads a timeline history file. Each line has the timeline that ended, the LSN of its end and a reason,
    /// separated by tabs (server file timeline.c, readTimeLineHistory).
    package static func switches(_ history: String) -> [Switch] {
        history.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(separator: "\t")
            guard words.count >= 2, let from = UInt32(words[0]), let at = LSN(lsn: words[1]) else {
                return nil
            }
            return Switch(from: from, at: at)
        }
    }
}

extension PostgresConnection {
    func timeline() throws(PostgresError) -> ServerTimeline {
        let answer = try execute("IDENTIFY_SYSTEM", doing: "identify the server")
        guard let row = answer.rows.first, row.count >= 3, let number = row[1].flatMap({ UInt32($0) }),
            let position = row[2].flatMap({ LSN(lsn: $0) })
        else {
            throw PostgresError(
                kind: .malformed, message: "the answer names no timeline", doing: "identify the server")
        }
        return ServerTimeline(number: number, writtenThrough: position)
    }

    func switches(of timeline: UInt32) throws(PostgresError) -> [ServerTimeline.Switch] {
        // The first timeline has no history.
        guard timeline > 1 else { return [] }
        let answer = try execute(
            "TIMELINE_HISTORY \(timeline)", doing: "read the history of timeline \(timeline)")
        return ServerTimeline.switches((answer.rows.first?.last ?? nil) ?? "")
    }
}
