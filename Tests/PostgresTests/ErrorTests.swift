import Postgres
import Testing

@Suite struct ErrorTests {
    private func error(_ kind: PostgresError.Kind, _ state: String = "") -> PostgresError {
        PostgresError(kind: kind, sqlState: state, message: "m", doing: "d")
    }

    /// Every state after which a role begins again by itself, and neighbours of each after which it must not.
    @Test(
        arguments: [
            ("08000", .connection), ("08003", .connection), ("08006", .connection), ("08P01", .connection),
            ("57P01", .connection), ("57P02", .connection), ("57P03", .connection), ("57P05", .connection),
            ("53300", .connection), ("25P03", .connection), ("25P04", .connection),
            ("40001", .transaction), ("40P01", .transaction), ("55P03", .transaction),
            ("YB003", .transaction),
            ("57014", .none), ("57P04", .none), ("25P02", .none), ("53100", .none), ("55006", .none),
            ("55000", .none),
            ("22003", .none), ("23505", .none), ("42P01", .none), ("42501", .none), ("XX000", .none),
            ("XX001", .none),
            ("", .none),
        ] as [(String, Again)])
    func `a state is tried again on a new connection, on the same, or not`(state: String, again: Again) {
        #expect(error(.server, state).isConnectionLoss == (again == .connection))
        #expect(error(.server, state).isTransient == (again == .transaction))
    }

    enum Again { case connection, transaction, none }

    @Test(arguments: [
        ("schema version mismatch for table 000033", true),
        ("Catalog Version Mismatch: A DDL occurred", true),
        ("Timed out: Read RPC timed out", true), ("Network error: connect", true),
        ("Service unavailable: Transaction coordinator", true), ("Tablet 8a3f not leader", true),
        ("Remote error: Service unavailable", true), ("Aborted: Operation failed", true),
        ("could not map filenode \"base/5/16400\" to relation OID", false),
        ("cache lookup failed for type 3", false),
    ])
    func `an internal error is tried again by its text alone`(message: String, again: Bool) {
        let error = PostgresError(kind: .server, sqlState: "XX000", message: message, doing: "apply")
        #expect(error.isTransient == again && !error.isConnectionLoss)
    }

    @Test(arguments: ["28P01", "28000", "3D000", "42501"])
    func `a connection that was refused for its user or database is not`(state: String) {
        #expect(!error(.connection, state).isConnectionLoss)
        #expect(error(.connection).isConnectionLoss)
    }

    @Test func `a deadlock and a serialisation failure may be tried again, a broken constraint not`() {
        #expect(error(.server, "40P01").isTransient && error(.server, "40001").isTransient)
        #expect(!error(.server, "23505").isTransient && !error(.server, "23505").isConnectionLoss)
        #expect(!error(.malformed).isConnectionLoss)
    }

    @Test func `the description says what failed, the constraint, the state and the hint`() {
        let full = PostgresError(
            kind: .server, sqlState: "23505", message: "duplicate key", doing: "apply", table: "public.t",
            constraint: "t_pkey", hint: "look there")
        #expect(
            full.description
                == "cannot apply: duplicate key (constraint t_pkey of public.t) [SQLSTATE 23505]; look there")
    }

    @Test(arguments: [
        (
            "22003", "value \"70000\" is out of range for type smallint",
            "value \"…\" is out of range for type smallint"
        ),
        (
            "22003", "Wert »70000« ist außerhalb des gültigen Bereichs für Typ smallint",
            "Wert \"…\" ist außerhalb des gültigen Bereichs für Typ smallint"
        ),
        (
            "22003", "la valeur « 70000 » est en dehors des limites du type smallint",
            "la valeur \"…\" est en dehors des limites du type smallint"
        ),
        (
            "22003", "значение \"70000\" вне диапазона для типа smallint",
            "значение \"…\" вне диапазона для типа smallint"
        ),
        ("22003", "integer out of range", "integer out of range"),
        (
            "22P02", "invalid input syntax for type integer: \"secret\"",
            "invalid input syntax for type integer"
        ),
        (
            "22P02", "syntaxe en entrée invalide pour le type integer : « secret »",
            "syntaxe en entrée invalide pour le type integer "
        ),
        ("22008", "date/time field value out of range：\"secret\"", "date/time field value out of range"),
        ("42601", "syntax error in tsvector: \"secret\"", "syntax error in tsvector"),
        (
            "22P05",
            "character with byte sequence 0xc3 0xa9 in encoding \"UTF8\" has no equivalent in encoding \"SQL_ASCII\"",
            "character with byte sequence … … in encoding \"UTF8\" has no equivalent in encoding \"SQL_ASCII\""
        ),
        ("42P01", "relation \"public.t\" does not exist: look", "relation \"public.t\" does not exist: look"),
    ])
    func `an error of data is told without the value, whatever language it is in`(
        state: String, message: String, told: String
    ) {
        #expect(
            PostgresError(kind: .server, sqlState: state, message: message, doing: "apply").message == told)
    }

    @Test func `an array literal keeps quotes and backslashes`() {
        #expect(
            PostgresConnection.textArray(["a", "b\"c", "d\\e", "x,y", ""]) == #"{"a","b\"c","d\\e","x,y",""}"#
        )
        #expect(PostgresConnection.textArray([]) == "{}")
    }
}
