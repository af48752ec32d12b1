import Records

/// The parameters that a session of this program pins, each with its value and its reason.
///
/// The same text must mean the same value on both servers, whatever the defaults of database and role are. A
/// test compares the list with `pg_settings`: it fails for a parameter that is neither pinned nor known to
/// change no value.
package struct SessionSettings: Sendable, Equatable {
    /// A pinned parameter.
    package struct Parameter: Sendable, Equatable {
        package let name: String
        /// The value as `current_setting` shows it.
        package let value: String
        package let reason: String
        /// Whether a server from version 10 on may lack it. Such a parameter is set after the connection was
        /// made, if the server has it: an unknown name in the startup message would end the connection.
        package let mayBeMissing: Bool
        /// Whether a constraint or a trigger function may read it. A writing session then has the database's
        /// own value.
        package let isReadByConstraints: Bool

        init(
            _ name: String, _ value: String, mayBeMissing: Bool = false, readByConstraints: Bool = false,
            _ reason: String
        ) {
            self.name = name
            self.value = value
            self.reason = reason
            self.mayBeMissing = mayBeMissing
            isReadByConstraints = readByConstraints
        }
    }

    package let parameters: [Parameter]

    /// Settings of sessions that read: capture, walsender, snapshot readers, checksums, catalog, checks.
    package static let reading = SessionSettings(parameters: output + input + names + waiting)

    /// Settings of sessions that write rows of the migrated tables.
    package static let writing = reading

    /// Settings of sessions that write rows of tables whose constraints or triggers depend on settings: those
    /// parameters have the database's own values. The values that we send mean the same under any of them.
    package static let writingUnderOwnSettings = SessionSettings(
        parameters: writing.parameters.filter { !$0.isReadByConstraints })

    /// Names of the parameters that `writingUnderOwnSettings` does not pin.
    static let readByConstraints = writing.parameters.filter(\.isReadByConstraints).map(\.name)

    /// Settings of the schema import. Files that an operator wrote may name objects without their schema, as
    /// the application does.
    package static let schemaImport = SessionSettings(
        parameters: reading.parameters.filter { $0.name != "search_path" })

    /// Settings for the printing of values, which also decide how two values compare as text.
    private static let output = [
        Parameter("DateStyle", "ISO, MDY", readByConstraints: true, "text of dates and times"),
        Parameter("IntervalStyle", "postgres", readByConstraints: true, "text of intervals"),
        Parameter("TimeZone", "UTC", readByConstraints: true, "text of timestamps with time zone"),
        Parameter("extra_float_digits", "3", "every digit of a float; fewer lose its last bits"),
        Parameter("bytea_output", "hex", "text of bytea"),
        Parameter("lc_monetary", "C", "text of money"),
        Parameter("lc_numeric", "C", readByConstraints: true, "to_char of numbers"),
        Parameter("lc_time", "C", readByConstraints: true, "to_char of dates"),
        Parameter("xmlbinary", "base64", readByConstraints: true, "bytea within XML"),
        Parameter("quote_all_identifiers", "off", "text of regclass, regtype and of types' names"),
    ]

    /// Settings for the conversion of text to a value.
    private static let input = [
        Parameter(
            "timezone_abbreviations", "Default", readByConstraints: true, "times with a zone's abbreviation"),
        Parameter("xmloption", "content", "whether XML has to be a document"),
        Parameter("array_nulls", "on", "NULL as an element of an array"),
        Parameter("standard_conforming_strings", "on", "backslashes in literals"),
        Parameter("backslash_quote", "safe_encoding", "quotes in literals"),
        Parameter("transform_null_equals", "off", readByConstraints: true, "comparisons with NULL"),
        Parameter(
            "default_text_search_config", "pg_catalog.simple", readByConstraints: true,
            "to_tsvector without a configuration"),
    ]

    /// Settings that decide which objects a name means, and which rows a query sees.
    private static let names = [
        Parameter(
            "search_path", "", readByConstraints: true,
            "names of objects are printed with their schema, so that a value like b.t cannot be read as "
                + "public.t"
        ),
        Parameter("row_security", "off", "a policy raises an error instead of hiding rows"),
        Parameter("gin_fuzzy_search_limit", "0", "a GIN index leaves out no rows"),
    ]

    /// Settings that can end a statement or a session, and those of transactions.
    private static let waiting = [
        Parameter("statement_timeout", "0", "a copy takes as long as it takes"),
        Parameter("lock_timeout", "0", "each wait for a lock sets its own bound"),
        Parameter("idle_in_transaction_session_timeout", "0", "the snapshot's transaction is idle at times"),
        Parameter(
            "idle_session_timeout", "0", mayBeMissing: true, "a role waits for changes for any time"),
        Parameter(
            "transaction_timeout", "0", mayBeMissing: true, "the snapshot's transaction lasts for the copy"),
        Parameter(
            "default_transaction_isolation", "read committed", "each statement sees what was committed"),
        Parameter("default_transaction_deferrable", "off", "a transaction does not wait for a safe snapshot"),
        Parameter("default_transaction_read_only", "off", "the fence is for the applications"),
        Parameter("exit_on_error", "off", "a refused statement does not end the session"),
        // After a lost connection the server releases our locks within minutes, not after two hours.
        Parameter("tcp_keepalives_idle", "30", "a server notices a client that is gone"),
        Parameter("tcp_keepalives_interval", "10", "a server notices a client that is gone"),
        Parameter("tcp_keepalives_count", "3", "a server notices a client that is gone"),
    ]
}

extension SessionSettings {
    /// A parameter that no server has, with the mark of a session: see `SessionIdentity`.
    static let markName = "switchback.session"

    /// Returns libpq's `options`: the parameters that every server accepts at the start of a session. They
    /// are set before any login trigger, and RESET restores them.
    func options(mark: String) -> String {
        let pairs =
            parameters.filter { !$0.mayBeMissing }.map { ($0.name, $0.value) } + [(Self.markName, mark)]
        return pairs.map { name, value in
            "-c \(name)=\(value.replacing("\\", with: "\\\\").replacing(" ", with: "\\ "))"
        }.joined(separator: " ")
    }

    /// Returns the statement that reads whose session this is and, if it is ours, sets the parameters that
    /// the startup message could not. A walsender takes no query parameters, so the values are literals.
    func completion(mark: String) -> String {
        let rows = parameters.map { "(\(quoteLiteral($0.name)), \(quoteLiteral($0.value)))" }
        return """
            select pg_catalog.pg_backend_pid(), pg_catalog.current_setting('\(Self.markName)', true),
                   pg_catalog.count(case when pg_catalog.current_setting('\(Self.markName)', true) OPERATOR(pg_catalog.=) \
            \(quoteLiteral(mark)) then pg_catalog.set_config(s.name, s.value, false) end)
              from (values \(rows.joined(separator: ", "))) s(name, value)
             where pg_catalog.current_setting(s.name, true) OPERATOR(pg_catalog.<>) s.value
            """
    }
}
