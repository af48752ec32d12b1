import Foundation
import Records

extension SchemaFiles {
    /// The file with what the operator has decided about findings. It is not below `schema/`, so that a new
    /// export keeps it.
    package var decisions: String { exportDirectory + "/metainfo/schema_decisions.json" }
    /// The file with the newest analysis, for the console.
    package var review: String { exportDirectory + "/metainfo/schema_findings.json" }

    /// Reads the decisions; none if there is no file. A file that this version cannot read is an error: a
    /// waiver that is not seen would stop what was waived, and one that is written would replace it.
    package func readDecisions() throws(SchemaError) -> SchemaDecisions {
        guard DurableFile.exists(decisions) else { return SchemaDecisions() }
        let read: SchemaDecisions = try decoded(decisions)
        guard read.version == SchemaDecisions.formVersion else {
            throw .file(
                path: decisions, doing: "read",
                reason: "its form has the version \(read.version), and this program knows version "
                    + "\(SchemaDecisions.formVersion)")
        }
        return read
    }

    package func write(_ decisions: SchemaDecisions) throws(SchemaError) {
        try DurableFile.write(try encoded(decisions, for: self.decisions), to: self.decisions)
    }

    /// Reads the newest analysis; nil if there is none.
    package func readReview() throws(SchemaError) -> ReviewedAnalysis? {
        guard DurableFile.exists(review) else { return nil }
        return try decoded(review)
    }

    /// Writes what an analysis has found, for the console.
    package func writeReview(_ analysis: SchemaAnalysis, at: Double) throws(SchemaError) {
        try DurableFile.write(try encoded(analysis.reviewed(at: at), for: review), to: review)
    }

    private func decoded<Value: Decodable>(_ path: String) throws(SchemaError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(try DurableFile.bytes(path)))
        } catch let error as SchemaError {
            throw error
        } catch {
            throw .file(path: path, doing: "read", reason: "it is not in the form that this program writes")
        }
    }

    private func encoded<Value: Encodable>(_ value: Value, for path: String) throws(SchemaError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
        } catch {
            throw .file(path: path, doing: "write", reason: "\(error)")
        }
    }
}
