import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    /// What YugabyteDB's code and issues say of its slots and streams, played by the stand-in.
    @Suite(.serialized) struct YugabyteStreamTests {
        private static let table = "create table item (id int primary key, v text);"

        /// Goes to the fall-back, with the target behind a proxy that can end its streams.
        private func withFallBack(_ body: (Site, CuttingProxy) async throws -> Void) async throws {
            try await withYugabyteSite(Self.table) { site in
                let proxy = try CuttingProxy(to: try site.cluster(.target).port)
                defer { proxy.close() }
                site.targetPort = proxy.port
                try site.keepForms()
                try await site.goLive(.reverse)
                try site.connect(.target).execute("insert into item values (1, 'back')")
                #expect(try await site.differences(.reverse) == [])
                try await body(site, proxy)
            }
        }

        private func capture(_ site: Site) throws -> CaptureStatus? { try site.migration.status().capture }

        @Test
        func `a slot whose wal_status reads lost streams, and neither its release nor its gate refuses`()
            async throws
        {
            try await withYugabyteSite(Self.table) { site in
                try site.changeView("pg_replication_slots") {
                    $0.replacingOccurrences(of: "l.wal_status", with: "'lost'::text as wal_status")
                }
                try await site.goLive(.reverse)
                let slot = try #require(try site.migration.record().currentLeg?.slotName)
                let shown = "select wal_status from pg_replication_slots where slot_name = '\(slot)'"
                #expect(try site.value(.target, shown) == "lost")
                try site.connect(.target).execute("insert into item values (1, 'back')")
                #expect(try await site.differences(.reverse) == [])
                try await site.awaitCheck()
                #expect(try capture(site)?.state.word == .streaming)
                #expect(try capture(site)?.walStatus == nil)
                let gates = try site.migration.status().gates
                #expect(gates.first { $0.name == .slot }?.state == .green)
                #expect(try !site.trouble().contains("lost"))
            }
        }

        @Test func `a tablet split ends the stream, which is opened again and loses nothing`() async throws {
            try await withFallBack { site, proxy in
                proxy.failStreams(
                    3,
                    with: ForgedAnswer(
                        sqlState: "XX000",
                        message: "Could not find the two split children for tablet: d990eb86"))
                try site.connect(.target).execute(
                    "insert into item select g, 'during the split' from generate_series(2, 100) g")
                #expect(try await site.differences(.reverse) == [])
                try await eventually("the split is reported") {
                    try site.trouble().contains(YugabyteFault.tabletSplit.meaning)
                }
                try await eventually("the status says that it streams") {
                    try capture(site)?.state.word == .streaming
                }
            }
        }

        @Test(arguments: [
            ("Schema packing not found: 12, available_versions: [13]", YugabyteFault.schemaPackingGone),
            ("Stream ID ad98 is expired for Tablet ID cd37", .expired),
        ])
        func `a fault that an old cache may explain is tried again, and passes`(
            message: String, fault: YugabyteFault
        ) async throws {
            try await withFallBack { site, proxy in
                proxy.failStreams(
                    DecodingFaults.attemptsMax - 1, with: ForgedAnswer(sqlState: "XX000", message: message))
                try site.connect(.target).execute("insert into item values (2, 'tried again')")
                #expect(try await site.differences(.reverse) == [])
                try await eventually("the fault is reported") {
                    try site.trouble().contains(fault.meaning)
                }
            }
        }

        @Test(arguments: [
            ("Schema packing not found: 12, available_versions: [13]", YugabyteFault.schemaPackingGone),
            ("Stream ID ad98 is expired for Tablet ID cd37", .expired),
            (
                "Cannot add tablet: 00 to the list as it has been unqualified for stream: b5",
                .tableUnqualified
            ),
            ("CDCSDK Trying to fetch already GCed intents for transaction 7", .changesRemoved),
        ])
        func `a slot that cannot be read further stops the capture, which says what to do`(
            message: String, fault: YugabyteFault
        ) async throws {
            try await withFallBack { site, proxy in
                proxy.failStreams(.max, with: ForgedAnswer(sqlState: "XX000", message: message))
                try site.connect(.target).execute("insert into item values (2, 'not streamed')")
                try await eventually("the capture stops") {
                    try capture(site)?.state.word == .stopped
                }
                let reason = try capture(site)?.state.reason ?? ""
                for part in [
                    "the target cannot stream its changes after", message, fault.meaning,
                    "Nothing is lost on the target", "switchback end migration",
                ] { #expect(reason.contains(part), "\(reason)") }
                #expect(try site.value(.target, "select count(*) from item") == "2")
                #expect(try site.value(.source, "select count(*) from item") == "1")
            }
        }

        @Test func `DDL in transaction blocks fails the check and the gate, and a waiver passes it`()
            async throws
        {
            try await withYugabyteSite(Self.table, release: "2025.2.2.0") { site in
                try site.changeView("pg_settings") {
                    $0.replacingOccurrences(of: ";", with: "")
                        + " union all select 'yb_ddl_transaction_block_enabled', 'on', null, 'c', 'd', null, "
                        + "'postmaster', 'bool', 'default', null, null, null, 'off', 'on', null, null, false"
                }
                try await site.goLive()
                let checks = try DatabaseChecks.run(.target, try site.context(), forFallBack: true)
                let check = checks.first { $0.name == "ysql_yb_ddl_transaction_block_enabled" }
                #expect(check?.state == .failure && check?.found == "on")
                #expect(checks.contains { $0.name.contains("TA-31187") && $0.state == .warning })
                let reason = try await site.refusedCutover(to: .target)
                #expect(reason.contains("streaming (red)"), "\(reason)")
                #expect(reason.contains("ysql_yb_ddl_transaction_block_enabled is on"), "\(reason)")
                try site.cutover(to: .target, waiving: [.streaming])
                try await site.awaitPhase(.fallBack)
            }
        }
    }
}
