import Foundation
import Journal
import Records
import Testing

@testable import Engine

/// The record of a migration as the program of commit 3882eba wrote it. A renamed property without its
/// earlier key would be read as absent.
@Suite struct EarlierRecordKeysTests {
    /// Keys that are read, and written in another form.
    private static let retyped: Set = ["changes.what", "cutovers.originRows", "cutovers.originRows.wayBack"]

    @Test(arguments: ["streaming", "cutover"])
    func `no key of an earlier record is lost when it is read and written`(kind: String) throws {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../WorkflowTests/Fixtures/journal-3882eba/\(kind)/export-dir")
        let directory = NSTemporaryDirectory() + "switchback-record-" + UUID().uuidString
        try FileManager.default.copyItem(atPath: fixture.standardizedFileURL.path(), toPath: directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let journal = try Journal(exportDirectory: directory, create: false)
        let before = try #require(try journal.document(JSONKeys.self, key: MigrationRecord.key))
        let record = MigrationRecord(uuid: "", createdAt: 0)
        try journal.update(MigrationRecord.self, key: MigrationRecord.key, initial: record) {
            $0.jobs += 1
            #expect(!$0.changes.contains { if case .other = $0.kind { true } else { false } })
            #expect($0.legs[0].origin.timeline == 1)
            if kind == "cutover" {
                #expect($0.cutovers[0].fallBackConsistentPoint == $0.legs[1].consistentPoint)
            }
        }
        let after = try #require(try journal.document(JSONKeys.self, key: MigrationRecord.key))
        #expect(before.paths.count > 40)
        #expect(before.paths.subtracting(after.paths).subtracting(Self.retyped) == [])
    }
}

/// The paths of all keys of a JSON document; those of an array's elements are taken together.
private struct JSONKeys: Decodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    var paths: Set<String> = []

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            for key in object.allKeys {
                paths.insert(key.stringValue)
                let inner = try object.decode(JSONKeys.self, forKey: key)
                paths.formUnion(inner.paths.map { key.stringValue + "." + $0 })
            }
        } else if var array = try? decoder.unkeyedContainer() {
            while !array.isAtEnd { paths.formUnion(try array.decode(JSONKeys.self).paths) }
        }
    }
}
