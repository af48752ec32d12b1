/// An error of a database, of whatever kind, or of the connection to it.
///
/// The engine decides by these properties alone. An error never carries a row value or a password.
package protocol DatabaseError: Error, Sendable, CustomStringConvertible {
    /// Whether the same work may succeed later, and what it waits for.
    var condition: ErrorCondition { get }
    /// Whether the server refused a statement. The connection stays usable.
    var refusesStatement: Bool { get }
    /// Whether the server does not admit this user to this database: trying again does not help.
    var refusesLogin: Bool { get }
    /// What is wrong with the log or the stream that was read; nil if the error is about something else.
    var streamFault: StreamFault? { get }
    /// The cause alone, or what mends it if that is known, for a line that shows progress.
    var reason: String { get }
}

/// A fault of an origin's stream that does not pass by itself.
package enum StreamFault: Sendable, Equatable {
    /// The server cannot decode its own log, perhaps only while a transaction is open. The table is known if
    /// the server names it.
    case undecodable(table: String?)
    /// The log contains text that the server cannot convert to UTF-8.
    case unconvertible
    /// YugabyteDB cannot stream from its tablets.
    case yugabyte(YugabyteFault)
    /// The server ended the stream for another reason.
    case other

    /// The table whose change is the fault's cause, if the server names it.
    package var table: String? {
        switch self {
        case .undecodable(let table): table
        case .unconvertible, .yugabyte, .other: nil
        }
    }
}
