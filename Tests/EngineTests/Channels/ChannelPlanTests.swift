import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

/// Plans, routes and steps from plan to plan, as values.
@Suite struct ChannelPlanTests {
    private static func relation(_ name: String, id: UInt32, identity: Character = "d") throws
        -> RelationMessage
    {
        let bytes = StreamMessage.relation(
            id, "public", name, identity: identity,
            columns: [("v", identity == "f"), ("id", true), ("w", identity == "f")])
        guard case .relation(let relation) = try lend(bytes, to: { try ChangeMessage.decode($0) }) else {
            throw MalformedMessage(offset: 0, expected: "a relation")
        }
        return relation
    }

    private static func row(_ key: String, _ v: String = "v") -> [StreamMessage.Value] {
        [.text(v), .text(key), .null]
    }

    private static let four = ChannelPlan(
        channels: [3, 4, 5, 6], keyColumns: ["public.a": ["id"], "public.b": ["id"]], tablesSetAside: [])

    private static func router(_ plan: ChannelPlan, identity: Character = "d") throws -> ChannelRouter {
        let router = ChannelRouter(plan)
        for (id, name) in [(UInt32(1), "a"), (2, "b"), (3, "c")] {
            router.announce(try relation(name, id: id, identity: identity))
        }
        return router
    }

    private static func place(_ router: ChannelRouter, _ message: [UInt8]) throws -> ChannelRouter.Place {
        try lend(message) { try router.place($0) }
    }

    @Test func `a row's channel depends on its table and key only, and never changes`() throws {
        let router = try Self.router(Self.four)
        for key in ["1", "2", "a longer key, of more than eight bytes", ""] {
            let place = try Self.place(router, StreamMessage.insert(1, Self.row(key)))
            #expect(try Self.place(router, StreamMessage.insert(1, Self.row(key, "other"))) == place)
            #expect(try Self.place(router, StreamMessage.update(1, Self.row(key, "third"))) == place)
            #expect(try Self.place(router, StreamMessage.delete(1, Self.row(key))) == place)
        }
        // Literal values, because a plan outlives the program that made it.
        let channels = try (1...16).map { number -> Int in
            guard
                case .channel(let index) = try Self.place(
                    router, StreamMessage.insert(1, Self.row("\(number)")))
            else { return -1 }
            return index
        }
        #expect(channels == [1, 3, 1, 2, 3, 2, 1, 1, 3, 3, 0, 1, 0, 3, 2, 0])
        #expect(ChannelHash.index(ChannelHash.of("public.orders"), of: 64) == 17)
    }

    @Test func `keys are spread evenly over all channels`() throws {
        let router = try Self.router(Self.four)
        var counts = [0, 0, 0, 0]
        for key in 1...10_000 {
            guard
                case .channel(let index) = try Self.place(router, StreamMessage.insert(2, Self.row("\(key)")))
            else { continue }
            counts[index] += 1
        }
        #expect(counts.allSatisfy { (2300...2700).contains($0) }, "\(counts)")
    }

    @Test func `a key that moves has a half in each of its channels`() throws {
        let router = try Self.router(Self.four)
        var seen: Set<String> = []
        for number in 1...40 {
            let (old, new) = ("\(number)", "\(number + 100)")
            let move = try Self.place(
                router, StreamMessage.update(1, old: Self.row(old), Self.row(new)))
            let from = try Self.place(router, StreamMessage.delete(1, Self.row(old)))
            let to = try Self.place(router, StreamMessage.insert(1, Self.row(new)))
            guard case .channel(let a) = from, case .channel(let b) = to else { continue }
            #expect(move == (a == b ? .channel(a) : .move(from: a, to: b)))
            seen.insert(a == b ? "same" : "other")
            // A key that was not sent again is the one the row had.
            let kept = StreamMessage.update(1, old: Self.row(old), [.text("x"), .unchanged, .null])
            #expect(try Self.place(router, kept) == from)
        }
        #expect(seen.count == 2)
        #expect(
            try Self.place(router, StreamMessage.update(1, [.text("x"), .unchanged, .null])) == .unknown)
        #expect(try Self.place(router, StreamMessage.truncate([1, 2])) == .tables)
    }

    @Test func `a table that is not spread, or whose key is not in the stream, has one channel`() throws {
        for (identity, table) in [(Character("d"), UInt32(3)), ("n", 1), ("f", 3)] {
            let router = try Self.router(Self.four, identity: identity)
            let places = try (1...50).map {
                "\(try Self.place(router, StreamMessage.insert(table, Self.row("\($0)"))))"
            }
            #expect(Set(places).count == 1)
        }
        let full = try Self.router(Self.four, identity: "f")
        let plain = try Self.router(Self.four)
        for key in 1...50 {
            let message = StreamMessage.insert(1, Self.row("\(key)"))
            #expect(try Self.place(full, message) == Self.place(plain, message))
        }
    }

    @Test func `only keys whose equal values have equal texts are spread`() {
        let plain = [
            "integer", "bigint", "uuid", "text", "character varying(20)", "numeric(10,2)", "date",
            "timestamp(3) without time zone",
        ]
        #expect(plain.allSatisfy(WantedChannels.isPlain))
        let others = ["numeric", "double precision", "citext", "interval", "integer[]", "public.mood"]
        #expect(!others.contains(where: WantedChannels.isPlain))
    }

    @Test func `documents of earlier versions are read, and keep their keys`() throws {
        func read<Value: Decodable>(_ text: String, as type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: Data(text.utf8))
        }
        let mode = #"{"parallel":{"lanes":3}}"#
        #expect(try read(mode, as: ApplyMode.self) == .parallel(channels: 3))
        #expect(
            try String(decoding: JSONEncoder().encode(ApplyMode.parallel(channels: 3)), as: UTF8.self) == mode
        )
        #expect(try read(#"{"transactional":{}}"#, as: ApplyMode.self) == .transactional)
        let plan = try read(
            #"{"channels":[1],"keyColumns":{},"held":[{"table":"public.t","channels":[2],"keyColumns":[],"#
                + #""isReleased":false}]}"#, as: ChannelPlan.self)
        #expect(plan.tablesSetAside.map(\.table) == ["public.t"] && plan.allChannels == [1, 2])
        var status = ApplyStatus(direction: .forward, now: 1)
        status.channels = 4
        let text = String(decoding: try JSONEncoder().encode(status), as: UTF8.self)
        #expect(text.contains(#""lanes":4"#))
        #expect(try read(text, as: ApplyStatus.self) == status)
    }

    @Test func `a plan is read from the journal as it was written`() throws {
        let plan = try #require(Self.four.settingAside("public.b")).plan
        let decoded = try JSONDecoder().decode(ChannelPlan.self, from: JSONEncoder().encode(plan))
        #expect(decoded == plan)
    }

    @Test func `a table is set aside at the watermarks of its channels, and no channel number comes twice`()
        throws
    {
        let step = try #require(Self.four.settingAside("public.b"))
        #expect(step.plan.channels == [7, 8, 9, 10])
        #expect(step.plan.tablesSetAside.map(\.channels) == [[11, 12, 13, 14]])
        #expect(step.origins == [0, 1, 2, 3, 0, 1, 2, 3])
        #expect(step.plan.activeIndexes == [0, 1, 2, 3])
        #expect(step.plan.settingAside("public.b") == nil)
        // A table of one channel takes over that channel's watermark.
        let other = try #require(step.plan.settingAside("public.c"))
        let channel = ChannelHash.index(ChannelHash.of("public.c"), of: 4)
        #expect(other.plan.tablesSetAside.map(\.channels) == [[11, 12, 13, 14], [19]])
        #expect(other.origins == [0, 1, 2, 3, 4, 5, 6, 7, channel])
        // Another number of channels leaves tables set aside as they are.
        let spread = other.plan.spread(over: 2, keyColumns: [:])
        #expect(spread.plan.channels == [20, 21])
        #expect(spread.origins == [0, 0, 4, 5, 6, 7, 8])
        // A released table is applied to, and becomes a table like any other at the next step.
        let release = try #require(spread.plan.releasing("public.b"))
        #expect(release.plan.activeIndexes == [0, 1, 2, 3, 4, 5])
        #expect(release.plan.releasing("public.b") == nil)
        let next = release.plan.spread(over: 1, keyColumns: [:])
        #expect(next.plan.tablesSetAside.map(\.table) == ["public.c"])
        #expect(next.origins == [0, 6])
    }

    /// A model of a log and its channels, which notes how often and in which order changes are applied.
    private struct Model {
        var channels: OpenChannels
        /// The change of each transaction.
        let log: [[UInt8]]
        var applied: [(transaction: Int, part: String)] = []

        mutating func run(_ change: PlanChange?) {
            guard let change else { return }
            channels = OpenChannels(
                plan: change.plan,
                positions: zip(change.plan.allChannels, change.origins).map {
                    ChannelPosition(number: $0, lsn: channels.positions[$1].lsn)
                }, counts: .zero)
        }

        private mutating func note(_ transaction: Int, _ share: ChangeFilter.Share) {
            let moves = log[transaction][0] == UInt8(ascii: "U")
            if share == .all || share == .departure { applied.append((transaction, moves ? "from" : "row")) }
            if moves, share == .all || share == .arrival { applied.append((transaction, "to")) }
        }

        /// Moves one channel ahead of the others.
        mutating func advance(_ index: Int, through end: Int) throws {
            let router = try ChannelPlanTests.router(channels.plan)
            let begin = Int(channels.positions[index].lsn.number)
            guard end > begin else { return }
            for transaction in (begin + 1)...end {
                switch try ChannelPlanTests.place(router, log[transaction]) {
                case .channel(index): note(transaction, .all)
                case .move(index, _): note(transaction, .departure)
                case .move(_, index): note(transaction, .arrival)
                case .channel, .move, .unknown, .tables: break
                }
            }
            move(index, end)
        }

        private mutating func move(_ index: Int, _ end: Int) {
            var positions = channels.positions
            positions[index].lsn = LogPosition(number: UInt64(end))
            channels = OpenChannels(plan: channels.plan, positions: positions, counts: .zero)
        }

        /// Moves all active channels to the same LSN; each takes the changes that it does not have.
        mutating func level(through end: Int) throws {
            let filter = ChangeFilter(channels)
            for (id, name) in [(UInt32(1), "a"), (2, "b"), (3, "c")] {
                filter.announce(try ChannelPlanTests.relation(name, id: id))
            }
            for transaction in (Int(channels.lowest.number) + 1)..<(end + 1) {
                note(
                    transaction,
                    try lend(log[transaction]) {
                        try filter.share($0, in: LogPosition(number: UInt64(transaction)))
                    })
            }
            for index in channels.plan.activeIndexes {
                move(index, max(end, Int(channels.positions[index].lsn.number)))
            }
        }
    }

    @Test func `each change is applied once and in its row's order, whatever channels and plans do`()
        throws
    {
        var random = Randomness("channels, tables set aside and plans")
        for round in 0..<40 {
            var rows: [(from: String, to: String)] = []
            let log = (0...400).map { _ -> [UInt8] in
                let table = UInt32(1 + random.below(3))
                let (old, new) = ("\(random.below(12))", "\(random.below(12))")
                rows.append(("\(table) \(old)", "\(table) \(new)"))
                return random.below(4) == 0
                    ? StreamMessage.update(table, old: Self.row(old), Self.row(new))
                    : StreamMessage.insert(table, Self.row(old))
            }
            var model = Model(
                channels: OpenChannels(
                    plan: .first, positions: [ChannelPosition(number: 0, lsn: .zero)], counts: .zero),
                log: log)
            var used: Set<Int> = [0]
            for _ in 0..<40 {
                let before = Set(model.channels.plan.allChannels)
                let at = Int(model.channels.highest.number)
                let table = QualifiedName(schema: "public", name: ["a", "b", "c"][random.below(3)])
                switch random.below(5) {
                case 0, 1:
                    // Channels move ahead only after they were level.
                    if model.channels.isLevel {
                        for index in model.channels.plan.activeIndexes {
                            try model.advance(index, through: min(400, at + random.below(12)))
                        }
                    } else {
                        try model.level(through: at)
                    }
                case 2: model.run(model.channels.plan.settingAside(table))
                case 3: model.run(model.channels.plan.releasing(table))
                default:
                    if model.channels.isLevel {
                        model.run(
                            model.channels.plan.spread(
                                over: 1 + random.below(5),
                                keyColumns: random.below(2) == 0
                                    ? ["public.a": ["id"]] : Self.four.keyColumns))
                    }
                }
                let new = Set(model.channels.plan.allChannels).subtracting(before)
                #expect(new.isDisjoint(with: used))
                used.formUnion(new)
            }
            for table: QualifiedName in ["public.a", "public.b", "public.c"] {
                model.run(model.channels.plan.releasing(table))
            }
            try model.level(through: 400)
            let wanted = (1...400).flatMap { transaction in
                log[transaction][0] == UInt8(ascii: "U")
                    ? ["\(transaction) from", "\(transaction) to"] : ["\(transaction) row"]
            }
            let got = model.applied.map { "\($0.transaction) \($0.part)" }
            #expect(got.sorted() == wanted.sorted(), "round \(round)")
            var last: [String: Int] = [:]
            for (transaction, part) in model.applied {
                let row = part == "to" ? rows[transaction].to : rows[transaction].from
                #expect(last[row, default: 0] <= transaction, "round \(round), row \(row)")
                last[row] = transaction
            }
        }
    }
}
