import Records
import Testing

/// The form of JSON that every file and output has.
@Suite struct JSONTextTests {
    @Test func `keys are in order, and slashes stay as they are`() throws {
        let text = try JSONText.text(of: ["b": "reports/a", "a": "über \"x\""])
        #expect(text == "{\n  \"a\" : \"über \\\"x\\\"\",\n  \"b\" : \"reports/a\"\n}")
    }
}
