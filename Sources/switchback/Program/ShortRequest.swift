import Engine

extension VerbStart {
    /// Performs a short request in this process, prints its lines as they come, and returns its record.
    /// Throws if the request was refused or failed.
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
