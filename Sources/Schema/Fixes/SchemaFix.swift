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

    /// Both changes of the same statement; where they overlap, the larger one.
    func merged(with other: StatementFix) -> StatementFix {
        var taken: [Range<Int>] = []
        for range in (ranges + other.ranges).sorted(by: { $0.count > $1.count })
        where !taken.contains(where: { $0.overlaps(range) }) {
            taken.append(range)
        }
        return StatementFix(
            file: file, line: line, offset: offset, sql: sql,
            ranges: taken.sorted { $0.lowerBound < $1.lowerBound })
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

    /// Collects the changes for these rules, or for all of them if the set is nil. A statement with several
    /// findings is changed once. Where one finding stands for several places, the first is changed, and the
    /// analysis afterwards finds the rest.
    package init(_ analysis: SchemaAnalysis, rules: Set<String>?) {
        var places: [String: Int] = [:]
        var merged: [StatementFix] = []
        for finding in analysis.findings where rules?.contains(finding.issue.rule) ?? true {
            guard let fix = finding.fix else { continue }
            let place = "\(fix.file):\(fix.offset)"
            if let at = places[place] {
                merged[at] = merged[at].merged(with: fix)
            } else {
                places[place] = merged.count
                merged.append(fix)
            }
        }
        fixes = merged
    }

    package var count: Int { fixes.count }

    /// The changes as a diff.
    package var diff: [String] { fixes.flatMap(\.diff) }

    /// Returns the names that no rule has, whatever the target.
    package static func unknown(_ names: Set<String>) -> [String] {
        names.subtracting(Rule.allIDs).sorted()
    }

    /// Throws what would stop the changes: a file that changed after the analysis, or one in another encoding
    /// than UTF-8.
    package func check(_ files: SchemaFiles) throws(SchemaError) { _ = try changed(files) }

    /// Writes the changed files. All other bytes stay. If one file cannot be changed, none is.
    package func write(_ files: SchemaFiles) throws(SchemaError) {
        for (path, text) in try changed(files) { try DurableFile.write(text, to: path) }
    }

    private func changed(_ files: SchemaFiles) throws(SchemaError) -> [(path: String, text: String)] {
        var changed: [(path: String, text: String)] = []
        for (file, changes) in Dictionary(grouping: fixes, by: \.file).sorted(by: { $0.key < $1.key }) {
            let path = files.exportDirectory + "/" + file
            // The places of the changes are counted in UTF-8, and any other byte would not stay as it is.
            var bytes = Array(try DurableFile.read(path).utf8)
            for change in changes.sorted(by: { $0.offset > $1.offset }) {
                try Self.make(change, in: &bytes, of: path)
            }
            changed.append((path, String(decoding: bytes, as: UTF8.self)))
        }
        return changed
    }

    private static func make(_ change: StatementFix, in bytes: inout [UInt8], of path: String)
        throws(SchemaError)
    {
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
}
