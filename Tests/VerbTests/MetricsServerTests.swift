import Engine
import Foundation
import Records
import Support
import Synchronization
import Testing

@testable import switchback

@Suite struct MetricsServerTests {
    private static func withServer(
        _ body: @escaping @Sendable () throws -> String = { "up 1\n" }, _ test: (Int) throws -> Void
    ) throws {
        let server = try MetricsServer(address: "127.0.0.1", port: 0, body: body)
        defer { server.close() }
        try test(server.port)
    }

    @Test func `a request for the metrics is answered with what they are at that moment`() throws {
        let count = Atomic<Int>(0)
        try Self.withServer({ "requests \(count.add(1, ordering: .relaxed).newValue)\n" }) { port in
            for number in 1...3 {
                let answer = try HTTPClient.get("/metrics?x=1", port: port)
                #expect(answer.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(answer.head.contains("Content-Type: text/plain; version=0.0.4"))
                #expect(answer.head.contains("Content-Length: \(answer.body.utf8.count)"))
                #expect(answer.body == "requests \(number)\n")
            }
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1", "404"), ("GET /metricsx HTTP/1.1", "404"), ("POST /metrics HTTP/1.1", "405"),
        ("HEAD /metrics HTTP/1.1", "405"), ("DELETE /metrics HTTP/1.0", "405"), ("GET /metrics", "400"),
        ("nonsense", "400"), ("GET  /metrics HTTP/1.1", "400"),
    ])
    func `what is no request for the metrics is refused`(line: String, code: String) throws {
        try Self.withServer { port in
            let answer = try HTTPClient.send("\(line)\r\n\r\n", port: port)
            #expect(answer.head.hasPrefix("HTTP/1.1 \(code) "), "\(answer.head)")
            #expect(!answer.body.contains("up 1"))
        }
    }

    @Test func `a request that is too large is refused, and metrics that cannot be read are not invented`()
        throws
    {
        try Self.withServer { port in
            let headers = String(repeating: "X: \(String(repeating: "x", count: 500))\r\n", count: 40)
            let answer = try HTTPClient.send("GET /metrics HTTP/1.1\r\n\(headers)\r\n", port: port)
            #expect(answer.head.hasPrefix("HTTP/1.1 431 ") || answer.head.isEmpty, "\(answer.head)")
            let next = try HTTPClient.get("/metrics", port: port)
            #expect(next.body == "up 1\n")
        }
        try Self.withServer({ throw VerbFailure("the journal is busy") }) { port in
            let answer = try HTTPClient.get("/metrics", port: port)
            #expect(answer.head.hasPrefix("HTTP/1.1 503 "))
        }
    }

    @Test func `a large answer arrives whole`() throws {
        let body = String(repeating: "a_metric{label=\"value\"} 1\n", count: 200_000)
        try Self.withServer({ body }) { port in
            let answer = try HTTPClient.get("/metrics", port: port)
            #expect(answer.body == body)
        }
    }

    @Test func `clients that send nothing hold up nobody, and are more than the server takes at once`() throws
    {
        try Self.withServer { port in
            let silent = try (0..<MetricsServer.connectionsMax - 1).map { _ in
                try HTTPClient.connect(port: port)
            }
            let answer = try HTTPClient.get("/metrics", port: port)
            #expect(answer.body == "up 1\n")
            let more = try (0..<4).map { _ in try HTTPClient.connect(port: port) }
            // They are closed after their time; then the next one is answered.
            let next = try HTTPClient.get("/metrics", port: port)
            #expect(next.body == "up 1\n")
            for socket in silent + more { close(socket) }
        }
    }

    @Test func `a port that is taken is refused by its number, and free again after the end`() throws {
        let first = try MetricsServer(address: "127.0.0.1", port: 0) { "" }
        let failure = #expect(throws: VerbFailure.self) {
            try MetricsServer(address: "127.0.0.1", port: first.port) { "" }
        }
        #expect(failure?.message.contains("127.0.0.1:\(first.port)") == true)
        first.close()
        try MetricsServer(address: "127.0.0.1", port: first.port) { "" }.close()
        #expect(throws: (any Error).self) { try HTTPClient.get("/metrics", port: first.port) }
    }

    @Test func `the metrics' flags take a port and an address, and an old spelling`() throws {
        let line = "import data -e /e --target-db-user u"
        let given = try parse(
            line + " --metrics-port 9100 --metrics-address ::1", as: ImportDataToTarget.self)
        #expect(given.metrics.metricsPort == 9100 && given.metrics.metricsAddress == "::1")
        #expect(try parse(line, as: ImportDataToTarget.self).metrics.metricsAddress == "127.0.0.1")
        #expect(refusal(of: line + " --prometheus-metrics-port 9100 --metrics-port 9100") == nil)
        #expect(refusal(of: line + " --prometheus-metrics-port 9100 --metrics-port 9101") != nil)
        #expect(refusal(of: line + " --metrics-port 0") == nil)
        #expect(refusal(of: line + " --metrics-port 70000")?.contains("1 to 65535") == true)
        #expect(refusal(of: line + " --metrics-address localhost")?.contains("not an IP address") == true)
        #expect(refusal(of: "worker -e /e --metrics-port 9100") == nil)
    }
}

@Suite struct MigrationMetricsTests {
    private static func status(captureAge: Double, applyAge: Double) -> MigrationStatus {
        let now = 1_000_000.0
        var capture = CaptureStatus(direction: .forward, slotName: "s", now: now - captureAge)
        capture.totalEvents = ChangeCounts(inserts: 10)
        capture.state = RoleState(word: .streaming, since: now)
        capture.retainedWALBytes = 4096
        var apply = ApplyStatus(direction: .forward, now: now - applyAge)
        apply.totalEvents = ChangeCounts(inserts: 7)
        apply.commitLagSeconds = 0.25
        apply.commitLagAt = now - applyAge
        var table = TableStatus(name: QualifiedName(schema: "public", name: "a \"b\"\\c\nd"))
        table.exported[.forward] = ChangeCounts(inserts: 10)
        table.imported[.forward] = ChangeCounts(inserts: 7)
        return MigrationStatus(
            name: "m", migrationUUID: "u", exportDirectory: "/e", phase: .streaming, capture: capture,
            apply: apply, tables: [table], readAt: now)
    }

    private static func text(captureAge: Double, applyAge: Double) -> String {
        MetricsText.text(MigrationMetrics.families(status(captureAge: captureAge, applyAge: applyAge)))
    }

    @Test func `a name in a label keeps its quotes, backslashes and line ends`() {
        let text = Self.text(captureAge: 0, applyAge: 0)
        #expect(text.contains("table_name=\"a \\\"b\\\"\\\\c\\nd\""))
        #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") || $0.contains(" ") })
    }

    @Test func `what a role published too long ago is left out, and its age is shown`() {
        let fresh = Self.text(captureAge: 1, applyAge: 1)
        #expect(fresh.contains("switchback_lag_seconds 0.25\n"))
        #expect(fresh.contains("switchback_events_remaining_total 3\n"))
        #expect(fresh.contains("switchback_slot_retained_bytes{slot_name=\"s\"} 4096\n"))
        #expect(fresh.contains("yb_voyager_import_data_cdc_events_pending"))
        for (captureAge, applyAge) in [(16.0, 1.0), (1.0, 16.0)] {
            let old = Self.text(captureAge: captureAge, applyAge: applyAge)
            for name in ["lag_seconds", "events_remaining", "events_remaining_total", "catch_up_seconds"] {
                #expect(!old.contains("\nswitchback_\(name)"), "\(name)")
            }
            #expect(!old.contains("cdc_events_pending"))
            #expect(old.contains("slot_retained") == (captureAge < 15))
            // Counters only grow, so they stay.
            #expect(old.contains("switchback_events_exported_total"))
            #expect(old.contains("switchback_role_status_age_seconds{role=\"export\"} \(Int(captureAge))\n"))
            #expect(old.contains("switchback_role_status_age_seconds{role=\"import\"} \(Int(applyAge))\n"))
            #expect(old.contains("switchback_lag_age_seconds \(Int(applyAge))\n"))
        }
    }

    @Test func `each metric has one help and one type, and is listed once`() {
        let lines = Self.text(captureAge: 1, applyAge: 1).split(separator: "\n").map(String.init)
        let types = lines.filter { $0.hasPrefix("# TYPE ") }
        #expect(Set(types.map { $0.split(separator: " ")[2] }).count == types.count)
        #expect(lines.count { $0.hasPrefix("# HELP ") } == types.count)
        let samples = lines.filter { !$0.hasPrefix("#") }.map { $0.prefix(upTo: $0.lastIndex(of: " ")!) }
        #expect(Set(samples).count == samples.count)
        #expect(samples.allSatisfy { $0.hasPrefix("switchback_") || $0.hasPrefix("yb_voyager_") })
    }
}
