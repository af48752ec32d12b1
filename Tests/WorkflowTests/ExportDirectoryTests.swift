import Demo
import Engine
import Foundation
import Postgres
import Records
import Testing

extension WorkflowTests {
    /// Faults of the export directory, or of the order of commands.
    @Suite struct ExportDirectoryTests {
        @Test func `an export directory that is missing, or is a file, is refused`() async throws {
            try await withSite(isFilled: false) { site in
                let missing = site.directory + "/missing"
                let file = site.directory + "/file"
                try "text".write(toFile: file, atomically: true, encoding: .utf8)
                for command in [
                    Manual.exportSchema, Manual.exportData, Manual.importData, Manual.cutoverStatus,
                ] {
                    let first = try await site.run(command, ["EXPORT_DIR": missing], exits: 1)
                    first.expectRefusal([missing, "does not exist", "create the directory first"])
                    let second = try await site.run(command, ["EXPORT_DIR": file], exits: 1)
                    second.expectRefusal([file, "is a file", "directory is wanted"])
                }
                #expect(!FileManager.default.fileExists(atPath: missing))
                let archive = try await site.run(
                    Manual.archiveChanges, ["DESTINATION-DIR": missing], exits: 1)
                archive.expectRefusal([missing, "does not exist"])
            }
        }

        @Test func `an export directory that may not be written is refused`() async throws {
            try await withSite { site in
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o755], ofItemAtPath: site.directory)
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o555], ofItemAtPath: site.exportDirectory)
                // Root may write everywhere, so under root the command runs as nobody.
                let asNobody = geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
                let run = try site.start(Manual.exportData, around: { "exec \(asNobody)\($0)" })
                try await run.end()
                run.expectRefusal([site.exportDirectory, "export directory", "owns"])
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o755], ofItemAtPath: site.exportDirectory)
            }
        }

        @Test func `commands in the wrong order are refused with the command that comes first`() async throws
        {
            try await withSite { site in
                for command in [
                    Manual.analyzeSchema, Manual.importSchema, Manual.importData, Manual.report,
                    Manual.archiveChanges,
                    Manual.cutoverToTarget, Manual.cutoverToSource, Manual.cutoverStatus,
                    Manual.exportDataFromTarget,
                    Manual.importDataToSource,
                ] {
                    let run = try await site.run(command, exits: 1)
                    run.expectRefusal(["there is no migration in", "switchback export schema"])
                }
                try await site.run(Manual.exportSchema)
                let early: [(String, [String])] = [
                    (Manual.report, ["has not started"]), (Manual.archiveChanges, ["no changes yet"]),
                    (Manual.cutoverToTarget, ["live migration has not begun"]),
                    (Manual.cutoverToSource, ["live migration has not begun"]),
                    (Manual.exportDataFromTarget, ["initiate cutover to target"]),
                    (Manual.importDataToSource, ["initiate cutover to target"]),
                ]
                for (command, words) in early {
                    let run = try await site.run(command, exits: 1)
                    run.expectRefusal(words)
                }
                // The schema is exported once; a second export says so and changes nothing, as in yb-voyager.
                let again = try await site.run(Manual.exportSchema)
                #expect(again.errors.contains("--start-clean true"))
            }
        }

        @Test func `during the snapshot a cutover and the indexes are refused`() async throws {
            try await withSite { site in
                try await site.run(Manual.exportSchema)
                let export = try site.start(Manual.exportData)
                // Without an import the snapshot cannot be complete.
                try await site.waitUntil("the snapshot is exported") { $0.capture?.state.word == .streaming }
                #expect(try site.status().phase == .snapshot)
                let target = try await site.run(Manual.cutoverToTarget, exits: 1)
                target.expectRefusal(["snapshot is not complete"])
                let source = try await site.run(Manual.cutoverToSource, exits: 1)
                source.expectRefusal(["snapshot is not complete"])
                let indexes = try await site.run(Manual.importIndexes, exits: 1)
                indexes.expectRefusal(["snapshot is not complete"])
                let schema = try await site.run(Manual.exportSchema + " --start-clean true --yes", exits: 1)
                schema.expectRefusal(["the schema is exported before the data"])
                #expect(export.exitCode == nil)
                let `import` = try site.start(Manual.importData)
                try await site.waitForStreaming()
                let back = try await site.run(Manual.cutoverToSource, exits: 1)
                back.expectRefusal(["the cutover to target has not completed"])
                try await site.waitUntilEqual()
                #expect(`import`.exitCode == nil)
            }
        }

        @Test func `a second process for the same role names the first one`() async throws {
            try await withSite { site in
                let (export, `import`) = try await site.startBoth()
                try await site.waitForStreaming()
                let second = try await site.run(Manual.exportData, exits: 1)
                second.expectRefusal(["capture", "process \(export.processID)"])
                let other = try await site.run(Manual.importData, exits: 1)
                other.expectRefusal(["apply", "process \(`import`.processID)"])
                try site.sql(.source, "update account set balance = 7")
                try await site.waitUntilEqual()
                #expect(export.exitCode == nil && `import`.exitCode == nil)
            }
        }

        @Test func `the export directory of another migration is refused, and the right one continues`()
            async throws
        {
            try await withSite { other in
                try await withSite { site in
                    let (export, `import`) = try await site.startBoth()
                    try await site.waitForStreaming()
                    export.kill()
                    `import`.kill()
                    let wrongSource = try await site.run(
                        Manual.exportData, ["SOURCE_DB_NAME": other.database], exits: 1)
                    wrongSource.expectRefusal([site.exportDirectory, "another migration", "source"])
                    let wrongTarget = try await site.run(
                        Manual.importData, ["TARGET_DB_NAME": other.database], exits: 1)
                    wrongTarget.expectRefusal([site.exportDirectory, "another migration", "target"])
                    // Refused values are not stored: the migration still has its own databases.
                    let forms = try Migration(existing: site.exportDirectory).databases()
                    #expect(forms.source.database == site.database)
                    #expect(forms.target.database == site.database)
                    #expect(
                        try other.sql(.target, "select to_regnamespace('ybvoyager_metadata')").scalar == nil)
                    try site.sql(.source, "update account set balance = 8")
                    _ = try await site.startBoth()
                    try await site.waitUntilEqual()
                }
            }
        }

        @Test func `a target with another migration's metadata is refused`() async throws {
            try await withSite { first in
                _ = try await first.startBoth()
                try await first.waitForStreaming()
                try await withSite { site in
                    _ = try site.start(Manual.exportData)
                    try await site.waitUntil("the snapshot is exported") {
                        $0.capture?.state.word == .streaming
                    }
                    let uuid = try first.status().migrationUUID
                    let run = try await site.run(
                        Manual.importData, ["TARGET_DB_NAME": first.database], exits: 1)
                    run.expectRefusal([uuid, "end that migration first"])
                    // The right target is then accepted.
                    _ = try site.start(Manual.importData)
                    try await site.waitUntilEqual()
                }
                try first.sql(.source, "update account set balance = 9")
                try await first.waitUntilEqual()
            }
        }
    }
}
