import Journal
import Records

/// Checks that an origin's WAL continues what was taken from it, before the stream or a snapshot takes more.
///
/// A loss is kept in the record: once the WAL has grown beyond the taken LSN again, it could not be detected
/// any more.
package struct OriginCheck {
    let context: RoleContext
    let leg: Leg

    package init(context: RoleContext, leg: Leg) {
        self.context = context
        self.leg = leg
    }

    /// - Parameters:
    ///   - now: what the origin says of its log; nil if it has no timelines. It is no standby any more.
    ///   - place: the server as messages name it
    ///   - received: the last commit LSN in the log. The snapshots' LSNs and the slot's first one are read
    ///     here.
    ///   - switches: reads where the timelines up to one began
    /// - Returns: the LSN of a promotion, if the promoted standby has everything that was taken.
    /// - Throws: `RequestRefused` if something is missing; a lost connection if that cannot be known yet.
    package func check(
        _ now: ServerTimeline?, at place: String, received: LogPosition,
        switches: (UInt32) throws -> [ServerTimeline.Switch]
    ) throws -> LogPosition? {
        guard let now else { return nil }
        try refuseLost()
        let record = try context.record()
        guard let known = record.legs.first(where: { $0.number == leg.number }) else { return nil }
        var taken = max(received, known.consistentPoint ?? .zero)
        if leg.start.hasSnapshot {
            for table in try context.journal.tables() { taken = max(taken, table.snapshotLSN ?? .zero) }
        }
        var promotedAt: LogPosition?
        switch try OriginTimeline(known: known.origin.timeline, received: taken).check(
            now, switches: { try switches(now.number) })
        {
        case .continues: break
        case .promoted(let at): promotedAt = at
        case .lost(let cause):
            let loss =
                "\(place) does not continue what was taken from it up to \(taken): \(cause); "
                + "transactions that were copied or are in the log here, and perhaps applied, are not there, "
                + "and later ones cannot be distinguished from them: compare the tables, and begin a new "
                + "migration"
            try change { $0.originLoss = loss }
            throw RequestRefused(loss)
        }
        if known.origin.timeline != now.number { try change { $0.origin.timeline = now.number } }
        return promotedAt
    }

    /// Throws if it was found before that the origin's log does not continue what was taken.
    package func refuseLost() throws {
        let known = try context.record().legs.first { $0.number == leg.number }
        if let loss = known?.originLoss { throw RequestRefused(loss) }
    }

    private func change(_ body: (inout Leg) -> Void) throws {
        try context.update { record in
            guard let index = record.legs.firstIndex(where: { $0.number == leg.number }) else { return }
            body(&record.legs[index])
        }
    }
}
