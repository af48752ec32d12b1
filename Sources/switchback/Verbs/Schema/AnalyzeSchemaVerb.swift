import ArgumentParser
import Engine
import Foundation
import PostgresPorts

/// `analyze-schema`: reports what in the exported schema the target does not support.
struct AnalyzeSchemaVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze-schema", abstract: "Report what in the exported schema needs a change.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "html, txt, json or xml; without it, html and json.") var outputFormat: AnalysisFormat?
    @OptionGroup var foreign: AnalyzeSchemaForeignFlags

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        let record = try await start.perform(.analyzeSchema, options: RunOptions())
        for format in outputFormat.map({ [$0] }) ?? [.html, .json] {
            let path = "\(start.exportDirectory)/reports/schema_analysis_report.\(format.rawValue)"
            guard FileManager.default.fileExists(atPath: path) else {
                throw VerbFailure(
                    "the analysis wrote no report as \(format.rawValue); see \(start.exportDirectory)/reports"
                )
            }
            let sentence = "-- find schema analysis report at: \(path)"
            if !record.lines.contains(sentence) { Terminal.output.line(sentence) }
        }
    }
}
