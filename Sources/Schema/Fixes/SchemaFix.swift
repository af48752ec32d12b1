import Foundation
import Records

/// The change of one statement that mends a finding.
struct StatementFix: Equatable, Sendable {
    let file: String
    let line: Int
    /// The byte of the file at which the statement begins.
    let offset: Int
    let sql: String
    /// The bytes of the statement that go, in order and apart from each other.
    let ranges: [Range<Int>]

    /// The statement after the change; empty if all of it goes.
    var fixedSQL: String {
        var bytes = Array(sql.utf8)
        for range in ranges.reversed() { bytes.removeSubrange(StatementFix.widened(range, in: bytes)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The change as a diff: the lines of the statement that differ.
    var diff: [String] {
        let old = sql.split(separator: "\n", omittingEmptySubsequences: false)
        let new = fixedSQL.isEmpty ? [] : fixedSQL.split(separator: "\n", omittingEmptySubsequences: false)
        let same = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old.dropFirst(same).reversed(), new.dropFirst(same).reversed()).prefix { $0 == $1 }
            .count
        return ["@@ \(file), line \(line + same) @@"]
            + old.dropFirst(same).dropLast(tail).map { "-" + $0 }
            + new.dropFirst(same).dropLast(tail).map { "+" + $0 }
    }

    /// Adds the blanks before words that go, so that none stay twice.
    private static func widened(_ range: Range<Int>, in bytes: [UInt8]) -> Range<Int> {
        guard range.lowerBound > 0 else { return range }
        var start = range.lowerBound
        while start > 0, bytes[start - 1] == UInt8(ascii: " ") { start -= 1 }
        return start..<range.upperBound
    }
}

/// The changes of the schema's files that mend findings.
package struct SchemaFixes: Equatable, Sendable {
    let fixes: [StatementFix]

    init(fixes: [StatementFix]) { self.fixes = fixes }

    /// Collects the changes for these rules, or for all of them if the set is nil. Of two changes of the same
    /// statement the first is taken; the analysis afterwards finds the rest.
    package init(_ analysis: SchemaAnalysis, rules: Set<String>?) {
        var statements: Set<String> = []
        fixes = analysis.findings.filter { rules?.contains($0.issue.rule) ?? true }.compactMap(\.fix)
            .filter { statements.insert("\($0.file):\($0.offset)").inserted }
    }

    package var count: Int { fixes.count }

    /// The changes as a diff.
    package var diff: [String] { fixes.flatMap(\.diff) }

    /// Writes the changed files. All other bytes stay. A file that changed after the analysis is an error.
    package func write(_ files: SchemaFiles) throws(SchemaError) {
        for (file, changes) in Dictionary(grouping: fixes, by: \.file).sorted(by: { $0.key < $1.key }) {
            let path = files.exportDirectory + "/" + file
            var bytes = try DurableFile.bytes(path)
            for change in changes.sorted(by: { $0.offset > $1.offset }) {
                var old = Array(change.sql.utf8)
                var new = Array(change.fixedSQL.utf8)
                // A last statement without a semicolon got one, on a line of its own, when it was read.
                if !bytes[min(change.offset, bytes.count)...].starts(with: old) {
                    old.removeLast(2)
                    if !new.isEmpty { new.removeLast(2) }
                }
                guard bytes[min(change.offset, bytes.count)...].starts(with: old) else {
                    throw .file(path: path, doing: "change", reason: "it has changed since the analysis")
                }
                var end = change.offset + old.count
                if new.isEmpty, end < bytes.count, bytes[end] == UInt8(ascii: "\n") { end += 1 }
                bytes.replaceSubrange(change.offset..<end, with: new)
            }
            try DurableFile.write(String(decoding: bytes, as: UTF8.self), to: path)
        }
    }
}
