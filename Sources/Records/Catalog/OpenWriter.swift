/// A session or prepared transaction with an open transaction that has written. A new slot, a fence or DDL
/// waits for it.
package struct OpenWriter: Sendable, Codable, Equatable, CustomStringConvertible {
    /// `0` for a prepared transaction.
    package let processID: String
    package let user: String
    package let application: String
    /// Age of the transaction; nil if the role may not see it.
    package let ageSeconds: Int64?
    /// The tables it may have written to, if the query lists them.
    package let tables: String?

    package init(
        processID: String, user: String, application: String, ageSeconds: Int64?, tables: String? = nil
    ) {
        self.processID = processID
        self.user = user
        self.application = application
        self.ageSeconds = ageSeconds
        self.tables = tables
    }

    /// A text that distinguishes it from the others.
    package var id: String { processID == "0" ? application : processID }

    /// `session 4711 (shop, psql)` or `prepared transaction batch (shop)`
    package var words: String {
        guard processID != "0" else { return application + (user.isEmpty ? "" : " (\(user))") }
        let who = [user, application].filter { !$0.isEmpty }
        return "session \(processID)" + (who.isEmpty ? "" : " (\(who.listed))")
    }

    /// `4711 shop psql (35 s, public.orders)`
    package var description: String {
        let who = [processID == "0" ? "" : processID, user, application].filter { !$0.isEmpty }.joined(
            separator: " ")
        let what = [ageSeconds.map { "\($0) s" }, tables].compactMap { $0 }.joined(separator: ", ")
        return what.isEmpty ? who : "\(who) (\(what))"
    }

    /// Returns the first five of several, for messages.
    package static func names(_ writers: [OpenWriter]) -> String {
        writers.listed(max: 5)
    }
}
