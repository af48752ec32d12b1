/// A session that another one waits for.
package struct BlockingSession: Sendable, Equatable, CustomStringConvertible {
    /// 0 of a prepared transaction.
    package let processID: String
    package let user: String?
    package let application: String?
    /// How long its transaction has been open; nil where the role does not see it.
    package let ageSeconds: String?

    package var description: String {
        guard processID != "0" else { return "a prepared transaction" }
        let names = [user, application].compactMap { $0 }.filter { !$0.isEmpty }
        return (["process \(processID)"] + names).joined(separator: " ")
            + (ageSeconds.map { ", whose transaction is \($0) s old" } ?? "")
    }
}

extension PostgresConnection {
    /// The sessions that the session with this process id waits for now.
    package func blockers(of processID: Int) throws(PostgresError) -> [BlockingSession] {
        try query(
            file: PackageResources.list_blockers_sql, [String(processID)],
            doing: "look what process \(processID) waits for"
        ).rows.map {
            BlockingSession(processID: $0[0] ?? "", user: $0[1], application: $0[2], ageSeconds: $0[3])
        }
    }
}
