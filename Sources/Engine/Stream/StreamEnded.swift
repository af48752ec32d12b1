import Records

/// The error of a stream that the origin has ended without a reason.
struct StreamEnded: DatabaseError {
    var condition: ErrorCondition { .connectionLost }
    var refusesStatement: Bool { false }
    var refusesLogin: Bool { false }
    var streamFault: StreamFault? { nil }
    var reason: String { "the server ended the stream" }
    var description: String { "cannot stream: \(reason)" }
}
