import Demo
import Engine
import Foundation
import Records
import Support
import Testing

extension WorkflowTests {
    /// The metrics of processes that run a role, as Prometheus reads them.
    @Suite struct MetricsTests {
        @Test func `the metrics of a running migration count its changes and show no lag of a dead role`()
            async throws
        {
            try await withSite { site in
                let port = try FreePort.next()
                let export = try site.start(Manual.exportData)
                try await site.waitUntil("the migration begins") { _ in true }
                let `import` = try site.start(Manual.importData + " --metrics-port \(port)")
                try await site.waitForStreaming()
                #expect(`import`.output.contains("metrics: http://127.0.0.1:\(port)/metrics"))
                try site.sql(.source, "insert into account (name) values ('one'), ('two')")
                try site.sql(.source, "delete from entry where id = 1")
                try await site.waitUntilEqual()
                func read() throws -> String { try HTTPClient.get("/metrics", port: port).body }
                let wanted = [
                    "switchback_phase{phase=\"streaming\"} 1",
                    "switchback_events_applied_total{direction=\"forward\",schema_name=\"public\","
                        + "table_name=\"account\",event_type=\"insert\"} 2",
                    "switchback_events_exported_total{direction=\"forward\",schema_name=\"public\","
                        + "table_name=\"entry\",event_type=\"delete\"} 1",
                    "switchback_events_remaining_total 0", "\nswitchback_lag_seconds ",
                    "switchback_slot_retained_bytes{slot_name=", "switchback_role_running{role=\"export\"} 1",
                    "switchback_role_status_age_seconds{role=\"import\"} 0",
                    "importer_role=\"target_db_importer\",schema_name=\"public\",table_name=\"account\"} 50",
                    "yb_voyager_import_data_cdc_events_pending{",
                    "yb_voyager_source_replication_slot_retained_wal_bytes{",
                ]
                var missing: [String] = []
                try await eventually("all metrics: \(missing)") {
                    let text = try read()
                    missing = wanted.filter { !text.contains($0) }
                    return missing.isEmpty
                }
                let taken = try await site.run(Manual.exportData + " --metrics-port \(port)", exits: 1)
                taken.expectRefusal(["cannot serve metrics", "\(port)", "--metrics-port"])
                export.kill()
                try await eventually("the dead role's values are gone, and its age grows", within: 40) {
                    let text = try read()
                    return text.contains("switchback_role_running{role=\"export\"} 0")
                        && !text.contains("switchback_lag_seconds")
                        && !text.contains("switchback_slot_retained_bytes")
                        && text.contains("switchback_events_exported_total")
                }
            }
        }
    }
}
