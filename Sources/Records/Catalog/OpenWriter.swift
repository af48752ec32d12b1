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
    /// `active`, `idle in transaction` and so on, or `prepared`; nil if the role may not see it.
    package let state: String?
    /// Time at which its transaction began or was prepared, by the server's clock, in seconds since 1970; nil
    /// if the role may not see it.
    package let since: Double?
    /// Time at which the session began, as a text that is only compared: another session with the same
    /// process ID has another one. Nil for a prepared transaction, and if the role may not see it.
    package let sessionStart: String?
    /// Time of its last statement, by the server's clock, if no transaction of it is open; nil if one is.
    package let wroteAt: Double?

    package init(
        processID: String, user: String, application: String, ageSeconds: Int64?, tables: String? = nil,
        state: String? = nil, since: Double? = nil, sessionStart: String? = nil,
        wroteAt: Double? = nil
    ) {
        self.wroteAt = wroteAt
        self.processID = processID
        self.user = user
        self.application = application
        self.ageSeconds = ageSeconds
        self.tables = tables
        self.state = state
        self.since = since
        self.sessionStart = sessionStart
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
        let what = [ageSeconds.map { "\($0) s" }, wroteAt == nil ? tables : tables.map { "wrote \($0)" }]
            .compactMap { $0 }.joined(separator: ", ")
        return what.isEmpty ? who : "\(who) (\(what))"
    }

    /// Returns the first five of several, for messages.
    package static func names(_ writers: [OpenWriter]) -> String {
        writers.listed(max: 5)
    }
}
