import Engine

extension VerbStart {
    /// Does one short request in this process, printing its lines as they come, and returns its record. A request
    /// that ended badly becomes the verb's failure.
    @discardableResult
    func perform(_ request: Request, options: RunOptions) async throws -> RequestRecord {
        let log = log
        let record = try await runRequest(request, migration: migration, options: options) { line in
            log.info("\(line)")
            Terminal.output.line(line)
        }
        switch record.state {
        case .refused, .failed: throw VerbFailure(record.answer)
        case .waiting, .running, .done: return record
        }
    }
}
