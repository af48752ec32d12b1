import Records
import Testing

@testable import Postgres

@Suite struct ErrorTests {
    private func error(_ kind: PostgresError.Kind, _ state: String = "") -> PostgresError {
        PostgresError(kind: kind, sqlState: state, message: "m", doing: "d")
    }

    /// Every state that passes by itself, and neighbours of each that do not.
    @Test(
        arguments: [
            ("08000", .connectionLost), ("08003", .connectionLost), ("08006", .connectionLost),
            ("08P01", .connectionLost), ("57P01", .connectionLost), ("57P02", .connectionLost),
            ("57P03", .connectionLost), ("57P05", .connectionLost), ("53300", .connectionLost),
            ("25P03", .connectionLost), ("25P04", .connectionLost),
            ("40001", .conflict), ("40P01", .conflict), ("55P03", .conflict), ("YB003", .conflict),
            ("3B001", .conflict),
            ("57014", .cancelled), ("25006", .readOnly),
            ("53000", .outOfResources), ("53100", .outOfResources), ("53200", .outOfResources),
            ("53400", .outOfResources), ("58030", .inputOutput), ("72000", .snapshotGone), ("55006", .inUse),
            ("57P04", .final), ("57000", .final), ("25P02", .final), ("55000", .final), ("58P01", .final),
            ("22003", .final), ("23505", .final), ("42P01", .final), ("42501", .final), ("XX000", .final),
            ("XX001", .final), ("", .final),
        ] as [(String, ErrorCondition)])
    func `a state says whether the same work may succeed later`(state: String, condition: ErrorCondition) {
        #expect(error(.server, state).condition == condition)
        #expect(condition.isPassing == (condition != .final))
    }

    @Test func `only a server and other transactions are awaited without limit`() {
        #expect(ErrorCondition.allCases.filter(\.isAwaited) == [.connectionLost, .conflict])
    }

    @Test func `a server that recovers is recognized by the text of its error`() {
        let recovering = PostgresError(
            kind: .server, sqlState: "55000", message: "recovery is in progress", doing: "look at the slot")
        #expect(recovering.condition == .readOnly)
    }

    @Test(arguments: [
        ("schema version mismatch for table 000033", true),
        ("Catalog Version Mismatch: A DDL occurred", true),
        ("Timed out: Read RPC timed out", true), ("Network error: connect", true),
        ("Service unavailable: Transaction coordinator", true), ("Tablet 8a3f not leader", true),
        ("Remote error: Service unavailable", true), ("Aborted: Operation failed", true),
        ("The tablet 0ff3 is in TABLET_DATA_SPLIT_COMPLETED state: TABLET_SPLIT", true),
        ("could not map filenode \"base/5/16400\" to relation OID", false),
        ("cache lookup failed for type 3", false),
    ])
    func `an internal error is retried only if its text says so`(message: String, again: Bool) {
        let error = PostgresError(kind: .server, sqlState: "XX000", message: message, doing: "apply")
        #expect(error.isTransient == again && !error.isConnectionLoss)
    }

    @Test(
        arguments: [
            ("Could not find the two split children for tablet: d990", .dataMoved, .tabletSplit),
            ("VirtualWAL: max capacity reached", .outOfResources, .readersExhausted),
            ("Schema packing not found: 12, available_versions: [13]", .final, .schemaPackingGone),
            ("Stream ID ad98 is expired for Tablet ID cd37", .final, .expired),
            ("Cannot add tablet: it has been unqualified for stream: b568", .final, .tableUnqualified),
            ("CDCSDK Trying to fetch already GCed intents for transaction 1", .final, .changesRemoved),
            ("catalog version for database 16640 was not found", .final, .catalogGone),
        ] as [(String, ErrorCondition, YugabyteFault)])
    func `a fault of YugabyteDB's stream has a class of its own, before and during the stream`(
        message: String, condition: ErrorCondition, fault: YugabyteFault
    ) {
        func error(_ doing: String) -> PostgresError {
            PostgresError(doing: doing) { [.sqlState: "XX000", .message: message][$0] }
        }
        for doing in [PostgresConnection.streaming, PostgresConnection.startingStream] {
            #expect(error(doing).condition == condition)
            #expect(error(doing).streamFault == .yugabyte(fault))
            #expect(error(doing).description.hasSuffix("[SQLSTATE XX000]; \(fault.meaning)"))
        }
        // Of a statement the same text is no fault of a stream.
        #expect(error("read the slot").streamFault == nil)
    }

    @Test(arguments: ["28P01", "28000", "3D000", "42501"])
    func `a connection that was refused because of its user or database is not retried`(state: String) {
        #expect(!error(.connection, state).isConnectionLoss)
        #expect(error(.connection).isConnectionLoss)
    }

    @Test func `a deadlock and a serialization failure may be retried, a violated constraint may not`() {
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
            "character with byte sequence 0xc3 0xa9 in encoding \"UTF8\" has no equivalent in encoding "
                + "\"SQL_ASCII\"",
            "character with byte sequence … … in encoding \"UTF8\" has no equivalent in encoding "
                + "\"SQL_ASCII\""
        ),
        ("42P01", "relation \"public.t\" does not exist: look", "relation \"public.t\" does not exist: look"),
    ])
    func `a data error is shown without the value, in every language`(
        state: String, message: String, told: String
    ) {
        #expect(
            PostgresError(kind: .server, sqlState: state, message: message, doing: "apply").message == told)
    }

    @Test(
        arguments: [
            ("COPY feeling, line 3, column felt: \"secret\"", "line 3, column felt"),
            ("COPY feeling, line 3: \"1\tsecret\"", "line 3"),
            ("COPY feeling, Zeile 3, Spalte felt: »secret«", "Zeile 3, Spalte felt"),
            ("COPY feeling, ligne 3, colonne felt : « secret »", "ligne 3, colonne felt"),
            ("SQL statement \"select 'secret'\"\nCOPY t, line 1, column a: \"b\"", "line 1, column a"),
            ("PL/pgSQL function f() line 3 at RAISE", nil),
        ] as [(String, String?)])
    func `the line of a refused row in a copy is shown without its value`(context: String, place: String?) {
        #expect(PostgresError.copyPlace(context) == place)
    }

    @Test func `an array literal keeps quotes and backslashes`() {
        #expect(
            PostgresConnection.textArray(["a", "b\"c", "d\\e", "x,y", ""]) == #"{"a","b\"c","d\\e","x,y",""}"#
        )
        #expect(PostgresConnection.textArray([]) == "{}")
    }
}
