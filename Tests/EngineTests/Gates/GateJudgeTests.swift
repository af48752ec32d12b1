import Records
import Support
import Testing

@testable import Engine

/// The gates as values: facts go in, the list comes out.
@Suite struct GateJudgeTests {
    @Test func `facts without a fault give every gate, and each is green`() {
        let gates = GateSample().gates
        #expect(gates.map(\.name) == GateName.allCases)
        #expect(gates.filter { $0.state != .green } == [])
    }

    @Test(arguments: GateFault.allCases)
    func `each fault is seen by its gate, and by no other`(_ fault: GateFault) {
        for way in 0..<3 {
            var sample = GateSample()
            let named = fault.plant(in: &sample, way)
            #expect(!named.isEmpty)
            for name in named {
                #expect(sample.gate(name)?.state != .green, "\(fault), \(way), \(name.rawValue)")
            }
            let others = sample.gates.filter { !named.contains($0.name) && $0.state != .green }
            // A server that does not answer leaves more unknown than its own gate.
            switch fault {
            case .destinationUnread, .destinationOld, .destinationAway: break
            default: #expect(others.map(\.name) == [], "\(fault), \(way)")
            }
        }
    }

    @Test func `in 500 random states with faults, no gate is green whose facts are bad`() {
        var seenBad: Set<GateName> = []
        for seed in UInt64(1)...500 {
            var random = Randomness(seed: seed)
            let isBack = Int.random(in: 0...3, using: &random) == 0
            let options = CutoverOptions(
                to: isBack ? .source : .target,
                prepareForFallBack: !isBack && Int.random(in: 0...3, using: &random) > 0,
                verify: Bool.random(using: &random))
            var objects = GateSample.objects
            for number in 0..<Int.random(in: 0...8, using: &random) {
                objects.append(
                    GateSample.object(
                        CatalogObject.Kind.allCases.randomElement(using: &random) ?? .index, "o\(number)",
                        "definition \(Int.random(in: 0...3, using: &random)) \(number)"))
            }
            var sample = GateSample(options, objects: objects)
            var bad: Set<GateName> = options.verify ? [] : [.verification]
            let faults = GateFault.allCases.shuffled(using: &random).prefix(
                Int.random(in: 0...4, using: &random))
            for fault in faults {
                let named = fault.plant(in: &sample, Int.random(in: 0...300, using: &random))
                // A right that only the fall-back needs counts with the fall-back.
                if fault == .destinationRight, !sample.facts.streamsBack { continue }
                bad.formUnion(named.map { isBack ? $0.onTheOtherSide : $0 })
            }
            let gates = sample.gates
            let green = Set(gates.filter { $0.state == .green }.map(\.name))
            let wrong = green.intersection(bad)
            #expect(wrong.isEmpty, "seed \(seed), faults \(faults): \(wrong.map(\.rawValue)) are green")
            seenBad.formUnion(bad.intersection(gates.map(\.name)))
        }
        #expect(seenBad == Set(GateName.allCases), "a gate was never bad")
    }

    @Test func `a reading of an earlier time is unknown and says its age`() throws {
        var sample = GateSample()
        sample.facts.originCatalog?.readAt -= 100
        let gate = try #require(sample.gate(.indexes))
        #expect(gate.state == .unknown && gate.isStale && gate.refuses)
        #expect(gate.found == "the source was last read 102 s ago")
    }

    @Test func `a waived gate keeps its state and refuses no more`() throws {
        let waiver = try GateWaiver(parsing: "indexes=built at night")
        var sample = GateSample(CutoverOptions(to: .target, waivers: [waiver]))
        sample.spoil(.index, 0)
        let gate = try #require(sample.gate(.indexes))
        #expect(gate.state == .red && !gate.refuses && gate.waiver?.reason == "built at night")
        #expect(throws: RequestRefused.self) { try GateWaiver(parsing: "indexes") }
        #expect(throws: RequestRefused.self) { try GateWaiver(parsing: "indexes= ") }
        #expect(throws: RequestRefused.self) { try GateWaiver(parsing: "indices=why") }
    }

    @Test func `the rights of the fence of the tables count with that fence only`() {
        for fence in [CutoverFence.database, .tables] {
            var sample = GateSample(CutoverOptions(to: .target, fence: fence))
            for choice in [ServerReadings.Choice.databaseFence, .tableFence] {
                sample.changeOrigin {
                    $0.rights.append(
                        .init(
                            step: "s", right: choice.rawValue, isGranted: false,
                            isOptional: choice == .databaseFence, onlyFor: choice, remedy: "g"))
                }
            }
            let gate = sample.gate(.sourceRights)
            #expect(gate?.state == (fence == .tables ? .red : .amber))
            #expect(gate?.wanted == (fence == .tables ? "tableFence" : "databaseFence"))
        }
    }

    @Test func `the gate of the comparison says what is compared as a whole, and what since its proof`() {
        var sample = GateSample(CutoverOptions(to: .target))
        #expect(sample.gate(.verification)?.found == "this cutover compares every table")
        sample.facts.tables += ["public.other", "public.third"]
        sample.facts.provedAt = [GateSample.item: GateSample.now - 300, "public.third": GateSample.now - 60]
        #expect(
            sample.gate(.verification)?.found
                == "this cutover compares 1 table as a whole, and the rows of 2 tables that were written "
                + "since the proof, at most 5 min ago")
        sample.facts.tables.removeAll { $0 == "public.other" }
        #expect(
            sample.gate(.verification)?.found
                == "this cutover compares the rows of 2 tables that were written since the proof, at most "
                + "5 min ago")
    }

    @Test func `a role that does not stream is named with what to do about it`() {
        let work = "import data to target"
        let remedies: [RoleState.Word: String] = [
            .stopped: "mend the reason why \(work) stopped, then run switchback resume",
            .ended: "start `switchback \(work)`, or the worker", .paused: "switchback resume",
            .retrying: "", .streaming: "",
        ]
        for (word, remedy) in remedies {
            var sample = GateSample()
            sample.facts.stream?.apply?.state = RoleState(word: word, since: 0)
            #expect(sample.gate(.running)?.remedy == remedy, "\(word)")
        }
        var sample = GateSample()
        sample.facts.stream?.absent = [.apply]
        let gate = sample.gate(.running)
        #expect(gate?.state == .unknown && gate?.isStale == true)
        #expect(gate?.found == "\(work) runs in no process")
    }

    @Test func `the largest bound of the free space is no overflow`() {
        var sample = GateSample()
        sample.facts.stream?.diskLimits = DiskLimits(freeBytesMin: .max)
        #expect(sample.gate(.disk)?.state == .red)
    }

    @Test func `without a fall-back its gates are not in the list, and its rights do not count`() {
        var sample = GateSample(CutoverOptions(to: .target, prepareForFallBack: false))
        _ = GateFault.destinationRight.plant(in: &sample, 1)
        #expect(
            sample.gates.allSatisfy { ![.replicaIdentity, .streaming, .capacity, .names].contains($0.name) })
        #expect(sample.gate(.targetRights)?.state == .green)
    }

    @Test func `a fault of the destination's release is amber, and what keeps it from streaming is red`() {
        var sample = GateSample()
        _ = GateFault.hazard.plant(in: &sample, 0)
        #expect(sample.gate(.streaming)?.state == .amber)
        _ = GateFault.fatalHazard.plant(in: &sample, 0)
        #expect(sample.gate(.streaming)?.state == .red)
        #expect(sample.gate(.streaming)?.details == ["w; to mend it: r"])
    }

    @Test func `what the role may not read is unknown, with the grant that mends it`() throws {
        var sample = GateSample()
        _ = GateFault.rightsUnreadable.plant(in: &sample, 0)
        let rights = try #require(sample.gate(.sourceRights))
        #expect(rights.state == .unknown && rights.remedy == "grant it" && !rights.isStale)
        // The cutover waits for writers by itself, so that not seeing them does not refuse it.
        _ = GateFault.writersUnreadable.plant(in: &sample, 0)
        #expect(sample.gate(.writers)?.state == .amber)
    }
}

extension GateName {
    /// The gate of the same kind for the other database.
    fileprivate var onTheOtherSide: GateName {
        switch self {
        case .sourceAnswers: .targetAnswers
        case .targetAnswers: .sourceAnswers
        case .sourceRights: .targetRights
        case .targetRights: .sourceRights
        case .running, .snapshot, .tables, .indexes, .constraints, .triggers, .sequences, .views, .defaults,
            .replicaIdentity, .alwaysTriggers, .streaming, .capacity, .names, .slot, .disk, .setAside,
            .incidents, .lag, .verification, .writers:
            self
        }
    }
}
