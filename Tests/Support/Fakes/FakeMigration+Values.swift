import Engine
import Records

// Values that many tests show.
extension FakeMigration {
    package static let checks = [
        CheckResult(side: .source, name: "connect", state: .ok, found: "PostgreSQL 15.10"),
        CheckResult(
            side: .source, name: "max_slot_wal_keep_size", state: .warning, found: "-1", wanted: "a limit",
            remedy: "alter system set max_slot_wal_keep_size = '64GB'",
            fix: CheckFix(
                ["alter system set max_slot_wal_keep_size = '64GB'"],
                undo: ["alter system reset max_slot_wal_keep_size"])),
        CheckResult(side: .target, name: "connect", state: .ok, found: "PostgreSQL 15.10"),
    ]

    package static func tables(done: Bool) -> [TableStatus] {
        [
            table("customer", rows: 1200, done: done),
            table("item", rows: 5000, done: done),
            table("订单", rows: 80, done: done),
        ]
    }

    private static func table(_ name: String, rows: Int64, done: Bool) -> TableStatus {
        TableStatus(
            name: QualifiedName(schema: "public", name: name), rowsEstimate: rows,
            exportedRows: done ? rows : 0,
            importedRows: done ? rows : 0, snapshotIsDone: done)
    }

    /// A verification in its third pass, which has found two rows that differ.
    package static var someVerification: VerificationStatus {
        let now = 1_700_000_000.0
        func table(_ name: Identifier, rows: Int64, differences: Int64, open: Int, age: Double?)
            -> VerificationStatus.Table
        {
            var table = VerificationStatus.Table(name: QualifiedName(schema: "public", name: name))
            var entry = VerifyReport.Entry(table: table.name)
            (entry.rows, entry.differences) = (rows, differences)
            table.entry = entry
            table.provedAt = age.map { now - $0 }
            table.openRows = open
            return table
        }
        var published = VerifyStatus(processID: 4711, leg: 1, direction: .forward, startedAt: now - 20)
        (published.pass, published.rows, published.rowsEstimate) = (3, 4000, 6280)
        published.rowsPerSecond = 380
        published.lastPass = VerifyStatus.Pass(
            startedAt: now - 90, endedAt: now - 60, rows: 6280, differences: 1, outcome: .differs)
        return VerificationStatus(
            choice: VerificationChoice(isOn: true, rowsPerSecondMax: 5000), processID: 4711,
            published: published,
            tables: [
                table("customer", rows: 1200, differences: 0, open: 0, age: 12),
                table("item", rows: 2800, differences: 2, open: 2, age: 60),
                table("订单", rows: 0, differences: 0, open: 0, age: nil),
            ])
    }

    /// The rows that this verification has found.
    package static var someDifferences: FoundDifferences {
        func row(_ sum: String) -> ReadRow {
            ReadRow(key: RowKey(["7"]), digest: RowDigest(rows: 1, sum: sum), version: "")
        }
        let table = QualifiedName(schema: "public", name: "item")
        var different = RowDifference(
            table: table, key: RowKey(["4711"]), origin: row("1"), destination: row("2"))
        different.take(
            origin: ["4711", "blue", nil], destination: ["4711", "blu", ""], names: ["id", "name", "note"])
        different.repair = ["update only public.item set name = 'blue'::text, note = null where id = '4711'"]
        var missing = RowDifference(table: table, key: RowKey(["9"]), origin: row("3"), destination: nil)
        missing.take(origin: ["9", "red", nil], destination: nil, names: ["id", "name", "note"])
        missing.repair = ["insert into public.item (id, name, note) values ('9', 'red', null)"]
        return FoundDifferences(leg: 1, pass: 3, direction: .forward, differences: [different, missing])
    }

    /// Two stashed incidents and one at which apply stopped.
    package static let someIncidents = [
        incident(.update, "customer", "7", "the row it changes is not there", .stashed),
        incident(.insert, "item", "4711", "duplicate key value violates a unique constraint", .stopped),
        incident(.delete, "订单", "12", "the row it deletes is not there", .stashed),
    ]

    private static func incident(
        _ operation: Incident.Operation, _ table: Identifier, _ key: String, _ reason: String,
        _ handling: Incident.Handling
    ) -> Incident {
        Incident(
            leg: 1, direction: .forward, table: QualifiedName(schema: "public", name: table),
            operation: operation, key: [Incident.KeyColumn(column: "id", value: key)],
            commitLSN: LogPosition(number: 0x2_8F3A_1C20), change: 3, sqlState: "", constraint: nil,
            reason: reason,
            at: 1_700_000_000, handling: handling)
    }

    /// Returns a migration that streams, with the numbers of yb-voyager's own example.
    package static func streaming(now: Double = 1_700_000_000) -> FakeMigration {
        var migration = FakeMigration(phase: .streaming, now: now)
        migration.status.sourcePlace = "pg-old:5432/orders"
        migration.status.targetPlace = "pg-new:5433/orders"
        migration.forms = connected
        migration.status.tables = tables(done: true)
        let counts = ChangeCounts(inserts: 210, updates: 41, deletes: 2)
        migration.status.tables[1].exported[.forward] = counts
        migration.status.tables[1].imported[.forward] = ChangeCounts(inserts: 200, updates: 41, deletes: 2)
        migration.status.tables[0].exported[.forward] = counts
        migration.status.tables[0].imported[.forward] = counts
        for (index, rate) in [12.0, 340.5, 0].enumerated() {
            migration.status.tables[index].exportedPerSecond = rate / 2
            migration.status.tables[index].appliedPerSecond = rate
        }
        migration.status.capture = capture(.forward, now: now)
        migration.status.apply = apply(.forward, now: now)
        migration.status.startedAt = now - 3600
        migration.status.gates = migration.gates()
        migration.note("capture", "slot switchback_orders confirmed 2/8F3A1C20")
        migration.note("apply", "deadlock detected, trying again", .warning)
        return migration
    }

    /// Returns that migration after the cutover, in the fall-back.
    package static func fallBack(now: Double = 1_700_000_000) -> FakeMigration {
        var migration = streaming(now: now)
        migration.status.phase = .fallBack
        migration.status.route = .target
        migration.status.fallBackEnabled = true
        migration.status.capture = capture(.reverse, now: now)
        migration.status.apply = apply(.reverse, now: now)
        migration.status.gates = migration.gates()
        return migration
    }

    /// Judges the gates of the next cutover; both databases are equal and were read two seconds ago.
    package func gates(_ options: CutoverOptions? = nil) -> [Gate] {
        guard let side = status.nextCutover, side == options?.to ?? side else { return [] }
        var facts = GateFacts(options: options ?? CutoverOptions(to: side, verify: false), now: now)
        facts.tables = status.tables.map(\.name)
        facts.uncopied = status.tables.filter { !$0.snapshotIsDone }.map(\.name)
        facts.isPaused = status.isPaused
        func reading<Facts>(_ known: Facts) -> GateReading<Facts> {
            GateReading(leg: 1, facts: known, readAt: now - 2, goodForSeconds: 15)
        }
        let catalog = CatalogReadings(
            release: "PostgreSQL 15",
            shapes: facts.tables.map { TableShape(name: $0, columns: []) },
            sequences: FoundSequences(definitions: [], values: []), objects: [])
        facts.originCatalog = reading(catalog)
        facts.destinationCatalog = reading(catalog)
        var server = ServerReadings(release: "PostgreSQL 15")
        (server.freeSlots, server.freeSenders, server.isLogical) = (9, 9, true)
        facts.origin = reading(server)
        facts.destination = reading(server)
        facts.stream = StreamFacts(
            capture: status.capture, apply: status.apply, remainingEvents: status.remainingEvents,
            timeToCatchUp: status.timeToCatchUp,
            incidents: status.incidents(side == .target ? .forward : .reverse))
        return GateJudge(facts).gates
    }

    /// Judges the alerts, as the engine does with each reading of the status.
    package func alerts() -> [Alert] {
        var facts = AlertFacts(status)
        facts.acknowledgements = acknowledgements
        facts.newestIncident = incidents.first
        return AlertJudge(facts).alerts
    }

    package static let connected = DatabaseForms(
        source: ConnectionForm(host: "pg-old", port: 5432, database: "orders", user: "switchback"),
        target: ConnectionForm(host: "pg-new", port: 5433, database: "orders", user: "switchback"),
        schemas: ["public"])

    /// A history around a rate that ends at a time, a little after its peak.
    package static func rates(now: Double, peak: Double, of rate: Int64, at end: Double) -> RateHistory {
        func samples(_ seconds: Int) -> RateSamples {
            let shape: [Int64] = [70, 80, 95, 100, 105, 100, 90, 100, 110, 100]
            return RateSamples(
                beginsAt: (Int(end) / seconds - RateSamples.samplesMax) * seconds, seconds: seconds,
                events: (0..<RateSamples.samplesMax).map {
                    rate * Int64(seconds) * shape[$0 % shape.count] / 100
                })
        }
        return RateHistory(
            now: now, peak: peak, peakAt: end - 45, last3Minutes: samples(3), last10Minutes: samples(10),
            run: samples(60))
    }

    private static func capture(_ direction: Direction, now: Double) -> CaptureStatus {
        var capture = CaptureStatus(direction: direction, slotName: "switchback_orders", now: now - 50)
        capture.state = RoleState(word: .streaming, since: now - 50)
        capture.totalEvents = ChangeCounts(inserts: 4_000_000, updates: 900_000, deletes: 100_000)
        capture.eventsThisRun = 5_000_000
        capture.eventsPerSecondLastMinute = 714
        capture.eventsPerSecondLast3Minutes = 22133
        capture.eventsPerSecondLast10Minutes = 21011
        capture.rates = rates(now: 640, peak: 24010, of: 22133, at: now - 1)
        capture.loggedLSN = LogPosition(number: 0x2_8F3A_1C20)
        capture.confirmedLSN = LogPosition(number: 0x2_8F3A_0000)
        capture.receivedLSN = LogPosition(number: 0x2_8F3A_1E20)
        capture.durableLSN = LogPosition(number: 0x2_8F3A_1C20)
        capture.unsyncedBytes = 512
        capture.arrivalLagSeconds = 0.2
        capture.arrivedAt = now - 1
        capture.originLogEnd = LogPosition(number: 0x2_8F3A_2620)
        capture.unsentBytes = 2048
        capture.originReadAt = now - 2
        capture.slotReadAt = now - 1
        capture.retainedWALBytes = 3_328_599_655
        capture.retainedWALPerSecond = 524_288
        capture.walStatus = "reserved"
        capture.slotReadAt = now - 1
        capture.queueBytes = 2_040_109_465
        capture.unappliedBytes = 2_040_109_465
        capture.diskFreeBytes = 126_701_535_232
        capture.diskFreePerSecond = -1_048_576
        capture.publishedAt = now - 1
        return capture
    }

    private static func apply(_ direction: Direction, now: Double) -> ApplyStatus {
        var apply = ApplyStatus(direction: direction, now: now - 50.8)
        apply.state = RoleState(word: .streaming, since: now - 50)
        apply.totalEvents = ChangeCounts(inserts: 200_000, updates: 72_000, deletes: 572)
        apply.eventsThisRun = 272_572
        apply.eventsPerSecondLastMinute = 14542
        apply.eventsPerSecondLast3Minutes = 14542
        apply.eventsPerSecondLast10Minutes = 14542
        apply.rates = rates(now: 14310, peak: 15102, of: 14542, at: now - 1)
        apply.appliedLSN = LogPosition(number: 0x2_8E00_0028)
        apply.commitLagSeconds = 1.2
        apply.commitLagAt = now - 1
        apply.publishedAt = now - 1
        return apply
    }
}
