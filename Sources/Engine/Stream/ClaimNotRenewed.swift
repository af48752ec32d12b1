import Records

/// The end of a stream that is ours only while the monitor renews our claim to it: the monitor has got no
/// answer for too long. Another attempt claims the stream anew.
struct ClaimNotRenewed: DatabaseError {
    let origin: Side
    let seconds: Double

    var condition: ErrorCondition { .connectionLost }
    var refusesStatement: Bool { false }
    var refusesLogin: Bool { false }
    var streamFault: StreamFault? { nil }

    var reason: String {
        "the claim to the stream was not renewed for \(Int(seconds)) s: the \(origin.rawValue) has not "
            + "answered the session 'switchback capture watch'"
    }

    var description: String { "cannot stream: \(reason)" }
}
