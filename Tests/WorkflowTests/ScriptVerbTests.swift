import Engine
import Foundation
import Records
import Testing

extension WorkflowTests {
    /// The verbs that scripts use beside the manual's, on real servers.
    @Suite struct ScriptVerbTests {
        /// The row of a table in the JSON of one of the two status verbs.
        private func row(_ verb: String, _ table: String, _ site: WorkflowSite) async throws -> [String: Any]
        {
            let run = try await site.run(
                "yb-voyager \(verb) data status --export-dir <EXPORT_DIR> --output-format json")
            let rows = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]]
            let file = site.exportDirectory + "/reports/\(verb)-data-status-report.json"
            #expect(try String(contentsOfFile: file, encoding: .utf8) == run.output)
            return try #require(rows?.first { $0["table_name"] as? String == table })
        }

        @Test
        func `a pause keeps changes in the queue, the status verbs count them, and a resume applies them`()
            async throws
        {
            try await withSite { site in
                _ = try await site.startBoth()
                try await site.waitForStreaming()
                for _ in 1...2 {
                    let pause = try await site.run("yb-voyager pause --export-dir <EXPORT_DIR>")
                    #expect(pause.output.contains("paused: no change is applied until"))
                }
                try site.sql(.source, "insert into account (name) select 'late' from generate_series(1, 3)")
                try await site.waitUntil("the changes are in the queue") {
                    $0.tables.first { $0.name == "public.account" }?.exported[.forward]?.inserts == 3
                }
                let exported = try await row("export", "public.account", site)
                #expect(exported["status"] as? String == "DONE" && exported["exported_count"] as? Int == 50)
                #expect(exported["exported_inserts"] as? Int == 3)
                #expect(exported["stream"] as? String == "streaming" && exported["counted_at"] is String)
                let paused = try await row("import", "public.account", site)
                #expect(paused["status"] as? String == "DONE" && paused["total_count"] as? Int == 50)
                #expect(paused["percentage_complete"] as? Double == 100)
                #expect(paused["stream"] as? String == "paused" && paused["remaining_events"] as? Int == 3)
                for _ in 1...2 { try await site.run("yb-voyager resume --export-dir <EXPORT_DIR>") }
                try await site.waitUntilEqual()
                try await site.waitUntil("the import has counted them") {
                    $0.tables.first { $0.name == "public.account" }?.imported[.forward]?.inserts == 3
                }
                let resumed = try await row("import", "public.account", site)
                #expect(resumed["stream"] as? String == "streaming")
                #expect(resumed["imported_inserts"] as? Int == 3 && resumed["remaining_events"] as? Int == 0)
                let table = try await site.run("yb-voyager import data status --export-dir <EXPORT_DIR>")
                #expect(table.output.hasPrefix("TABLE          | STATUS | TOTAL ROWS | IMPORTED ROWS | "))
            }
        }

        @Test func `a cutover that is aborted ends the wait and the status with code 1, and keeps its times`()
            async throws
        {
            try await withSite { site in
                _ = try await site.startBoth()
                try await site.waitForStreaming()
                let waiting = try site.start(
                    Manual.cutoverToTarget + " --await-approval true --wait true")
                try await site.waitUntil("the cutover awaits approval") {
                    $0.cutovers.last?.awaitsApproval == true
                }
                #expect(waiting.exitCode == nil)
                try await site.run("yb-voyager abort cutover --yes --export-dir <EXPORT_DIR>")
                #expect(try await waiting.end() == 1)
                #expect(waiting.errors.contains("cutover to target was aborted: aborted by "))
                let status = try await site.run(Manual.cutoverStatus, exits: 1)
                #expect(status.output.contains("The cutover to target was aborted: aborted by "))
                let run = try await site.run(Manual.cutoverStatus + " --output-format json", exits: 1)
                let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]]
                let steps = try #require(json?.first?["steps"] as? [[String: Any]])
                let undone = steps.filter { $0["state"] as? String == "undone" }
                #expect(undone.count > 5)
                for step in undone {
                    #expect(step["undone_at"] is String && step["started_at"] is String, "\(step)")
                    #expect(step["failed"] as? Bool == false)
                }
                // Only the approval was under way when the abort came.
                #expect(undone.filter { $0["ended_at"] == nil }.count <= 1)
                #expect(json?.first?["failed_step"] == nil)
                // It can be initiated again at once.
                try await site.run(Manual.cutoverToTarget + " --wait true")
                try await site.run(Manual.cutoverStatus)
            }
        }
    }
}
