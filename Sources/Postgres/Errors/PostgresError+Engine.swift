import Records

/// What the engine asks of an error.
extension PostgresError: DatabaseError {
    package var refusesStatement: Bool { kind == .server && !isConnectionLoss }
    package var refusesLogin: Bool { isLoginRefusal }
    package var reason: String { hint ?? message }

    package var streamFault: StreamFault? {
        // YugabyteDB may find such a fault before the stream has begun.
        if let fault = YugabyteFault(message: message), isOfStream || isOfStart { return .yugabyte(fault) }
        guard isOfStream else { return nil }
        // An internal error, damage, or a missing WAL file (manual appendix "PostgreSQL Error Codes").
        if sqlState.hasPrefix("XX") || sqlState == "58P01" {
            return .undecodable(table: table.map { "\($0)" })
        }
        return Self.unconvertibleStates.contains(sqlState) ? .unconvertible : .other
    }

    /// Text that is not valid in the database's encoding, or has no UTF-8.
    private static let unconvertibleStates = ["22021", "22P05"]
}

extension PipelineFailure: DatabaseError {
    package var condition: ErrorCondition { error.condition }
    package var refusesStatement: Bool { error.refusesStatement }
    package var refusesLogin: Bool { error.refusesLogin }
    package var streamFault: StreamFault? { error.streamFault }
    package var reason: String { error.reason }
    package var description: String { error.description }
}
