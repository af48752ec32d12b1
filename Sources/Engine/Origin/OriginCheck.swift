import Journal
import Postgres
import Records

/// Sees that an origin's log goes on from all that was taken of it, before anything more is: by the stream, or by a snapshot.
/// That it does not is kept in the record: once its log has grown again nobody could tell any more.
struct OriginCheck {
    let context: RoleContext
    let leg: Leg

    /// - Parameter received: the last commit in the log; what the copies of tables and the slot began with is asked for here.
    /// - Returns: where a standby was promoted that has all of it.
    /// - Throws: `RequestRefused` where something is missing, a lost connection where that is not to be known yet.
    func check(
        _ stream: borrowing ReplicationStream, beside control: borrowing PostgresConnection, received: LSN
    ) throws -> LSN? {
        guard let now = try stream.timeline() else { return nil }
        let record = try context.record()
        guard let known = record.legs.first(where: { $0.number == leg.number }) else { return nil }
        if let loss = known.originLoss { throw RequestRefused(loss) }
        // A standby may still replay WAL.
        try control.checkPromoted()
        var taken = max(received, known.consistentPoint ?? .zero)
        if leg.direction == .forward {
            for table in try context.journal.tables() { taken = max(taken, table.snapshotLSN ?? .zero) }
        }
        var promotedAt: LSN?
        switch try OriginTimeline(known: known.originTimeline, received: taken).check(
            now, switches: { try stream.switches(of: now.number) })
        {
        case .continues: break
        case .promoted(let at): promotedAt = at
        case .lost(let cause):
            let loss =
                "\(control.place) does not go on from what was taken of it through \(taken): \(cause); transactions that were "
                + "copied or are in the log here, and perhaps applied, are not there, and later ones cannot be told from them: "
                + "compare the tables, and begin a new migration"
            try change { $0.originLoss = loss }
            throw RequestRefused(loss)
        }
        if known.originTimeline != now.number { try change { $0.originTimeline = now.number } }
        return promotedAt
    }

    private func change(_ body: (inout Leg) -> Void) throws {
        try context.update { record in
            guard let index = record.legs.firstIndex(where: { $0.number == leg.number }) else { return }
            body(&record.legs[index])
        }
    }
}
