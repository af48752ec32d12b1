import Foundation
import Testing

/// The pages under docs/ that name tests.
@Suite struct DocumentTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// All Swift files of the tests, as one text in which a line end is a space.
    private static func testSources() throws -> String {
        let tests = root.appendingPathComponent("Tests")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: tests.path)
        return try paths.filter { $0.hasSuffix(".swift") }.map {
            try String(contentsOf: tests.appendingPathComponent($0), encoding: .utf8)
        }.joined().replacing(/\s+/, with: " ")
    }

    /// The sentences in backquotes, and the names of suites, in those parts of a page that name tests: the
    /// last cell of a row of a table that has a column of tests, and paragraphs that begin with "Tests:".
    static func namedTests(in page: String) -> (sentences: [String], suites: [String]) {
        var isTestTable = false
        var parts: [String] = []
        var paragraph: String?
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("|") {
                let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
                if cells.last == "Tests" || cells.last == "Test" {
                    isTestTable = true
                } else if isTestTable, let last = cells.last {
                    parts.append(last)
                }
                continue
            }
            isTestTable = false
            if line.hasPrefix("Tests:") { paragraph = "" }
            if line.isEmpty, let ended = paragraph {
                parts.append(ended)
                paragraph = nil
            }
            if paragraph != nil { paragraph? += line + " " }
        }
        if let paragraph { parts.append(paragraph) }
        let text = parts.joined(separator: " ")
        let sentences = text.matches(of: /`([^`]+)`/).map { String($0.1) }.filter {
            $0.contains(" ") && !$0.hasPrefix("make ") && !$0.hasPrefix("switchback ")
        }
        return (sentences, text.matches(of: /\b[A-Z][A-Za-z]+Tests\b/).map { String($0.0) })
    }

    @Test(arguments: ["guarantees.md", "fault-scenarios.md"])
    func `each test that a page names exists`(name: String) throws {
        let page = try String(
            contentsOf: Self.root.appendingPathComponent("docs/\(name)"), encoding: .utf8)
        let sources = try Self.testSources()
        let named = Self.namedTests(in: page)
        #expect(named.sentences.count > 30 && named.suites.count > 10)
        #expect(named.sentences.filter { !sources.contains("`\($0)`") } == [])
        #expect(Set(named.suites).filter { !sources.contains($0) && !isFolder($0) }.sorted() == [])
    }

    /// Some suites are named by the folder that holds them.
    private func isFolder(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: Self.root.appendingPathComponent("Tests/\(name)").path)
    }

    @Test func `a name that no test has is found`() {
        let page = """
            | Promise | Tests |
            |---|---|
            | A promise with `code in it`. | `a test that is not there`; SomeTests |

            Some `other words` here.

            Tests: `another test that
            spans lines`; MoreTests.
            """
        let named = Self.namedTests(in: page)
        #expect(named.sentences == ["a test that is not there", "another test that spans lines"])
        #expect(named.suites == ["SomeTests", "MoreTests"])
    }
}
