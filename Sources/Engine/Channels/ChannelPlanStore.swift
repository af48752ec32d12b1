import Foundation
import Journal
import Records

/// The stored plan of one leg, in the journal and as channels in the destination, and the steps from one plan
/// to the next.
///
/// The journal names the next plan first. Then one statement replaces the destination's channels, and only
/// after that the journal has the new plan in force. If a process or server dies in between, the
/// channels in the destination show which plan is in force.
struct ChannelPlanStore {
    private let context: RoleContext
    private let leg: Leg

    /// The journal's document.
    struct Document: Codable, Equatable {
        var inForce: ChannelPlan
        var next: ChannelPlan?
    }

    init(context: RoleContext, leg: Leg) {
        self.context = context
        self.leg = leg
    }

    /// The key of earlier versions.
    private var key: String { Self.key(leg.number) }

    private static func key(_ number: Int) -> String { "lanes_\(number)" }

    /// Whether the leg has a plan of its own: without one, nothing of it is applied.
    func hasPlan() throws -> Bool { try context.journal.document(Document.self, key: key) != nil }

    /// The document before the leg has its own. In a later round the destination has the channels of the last
    /// leg in the same direction.
    private func initial() throws -> Document {
        var number = leg.number - 2
        while number > 0 {
            if let last = try context.journal.document(Document.self, key: Self.key(number)) { return last }
            number -= 2
        }
        return Document(inForce: .first, next: nil)
    }

    /// Returns the plan in force with its watermarks. Waits for transactions that still move them.
    func open(_ session: any DestinationSession) throws -> OpenChannels {
        let channels = try session.lockedChannels()
        let numbers = Set(channels.map(\.number))
        let document = try context.journal.update(
            Document.self, key: key, initial: try initial()
        ) { document in
            if let next = document.next, Set(next.allChannels) == numbers { document.inForce = next }
            document.next = nil
            return document
        }
        guard Set(document.inForce.allChannels) == numbers else {
            throw RequestRefused(
                "the watermarks of this migration at \(session.place) are not those of the journal: "
                    + "channels \(document.inForce.allChannels.sorted()) should be there and "
                    + "\(numbers.sorted()) are; somebody has changed ybvoyager_metadata, or the export "
                    + "directory is an old copy; bring back the right one, then start again")
        }
        let byNumber = Dictionary(uniqueKeysWithValues: channels.map { ($0.number, $0.appliedLSN) })
        return OpenChannels(
            plan: document.inForce,
            positions: document.inForce.allChannels.map {
                ChannelPosition(number: $0, lsn: byNumber[$0] ?? .zero)
            },
            counts: channels.map(\.counts).reduce(.zero, +))
    }

    /// Returns the channels with `tables` set aside and, if they are level, under the wanted plan.
    func open(
        _ wanted: WantedChannels, settingAside tables: Set<QualifiedName>,
        _ session: any DestinationSession
    ) throws -> OpenChannels {
        var channels = try open(session)
        while let change = channels.plan.step(toSetAside: tables) {
            channels = try adopt(change, from: channels, session)
        }
        // If the answer to a COMMIT was lost, the server may still execute it. Then a channel moves, and we
        // begin again.
        guard channels.isLevel, let change = wanted.change(of: channels.plan) else { return channels }
        let next = try adopt(change, from: channels, session)
        context.log(.info, "apply", "applying \(wanted.mode), from \(next.lowest)")
        return next
    }

    /// Brings the next plan into force. Throws `ApplyInterruption.watermarkMoved`, and changes nothing, if a
    /// channel has moved since `channels` were read.
    func adopt(
        _ change: PlanChange, from channels: OpenChannels, _ session: any DestinationSession
    ) throws -> OpenChannels {
        precondition(change.origins.count == change.plan.allChannels.count, "each channel has an origin")
        let positions = zip(change.plan.allChannels, change.origins).map {
            ChannelPosition(number: $0, lsn: channels.positions[$1].lsn)
        }
        let (old, new) = (Set(channels.plan.allChannels), Set(change.plan.allChannels))
        try set { $0.next = change.plan }
        let going = channels.positions.filter { !new.contains($0.number) }
        if !going.isEmpty {
            try session.replaceChannels(going, with: positions.filter { !old.contains($0.number) })
        }
        try set {
            $0.inForce = change.plan
            $0.next = nil
        }
        return OpenChannels(plan: change.plan, positions: positions, counts: channels.counts)
    }

    /// Returns how far everything is applied, without the excluded tables.
    ///
    /// - Parameter channels: the channels as the destination has them
    func watermark(of channels: [Channel], without excluded: [ExcludedTable]) throws -> Watermark {
        try watermark(of: channels, withoutTables: Set(excluded.map(\.table)))
    }

    /// Returns how far the changes of all tables but some are applied.
    func watermark(of channels: [Channel], withoutTables names: Set<QualifiedName>) throws -> Watermark {
        let plan = try (context.journal.document(Document.self, key: key) ?? initial()).inForce
        let excludedChannels = Set(
            plan.tablesSetAside.filter { names.contains($0.table) }.flatMap(\.channels))
        return Watermark(
            appliedLSN: channels.filter { !excludedChannels.contains($0.number) }.map(\.appliedLSN).min()
                ?? .zero,
            counts: channels.map(\.counts).reduce(.zero, +))
    }

    private func set(_ body: (inout Document) -> Void) throws {
        try context.journal.update(
            Document.self, key: key, initial: try initial(), body)
    }
}
