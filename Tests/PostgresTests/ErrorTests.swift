import Postgres
import Testing

@Suite struct ErrorTests {
    private func error(_ kind: PostgresError.Kind, _ state: String = "") -> PostgresError {
        PostgresError(kind: kind, sqlState: state, message: "m", doing: "d")
    }

    @Test(arguments: ["57P01", "57P02", "57P03", "53300", "08006", "08P01"])
    func `a server that stops, starts or is full is tried again`(state: String) {
        #expect(error(.server, state).isConnectionLoss)
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

    @Test func `a number out of range is told without the number`() {
        let error = PostgresError(
            kind: .server, sqlState: "22003", message: "value \"70000\" is out of range for type smallint",
            doing: "apply")
        #expect(error.message == "value \"…\" is out of range for type smallint")
    }

    @Test func `an array literal keeps quotes and backslashes`() {
        #expect(
            PostgresConnection.textArray(["a", "b\"c", "d\\e", "x,y", ""]) == #"{"a","b\"c","d\\e","x,y",""}"#
        )
        #expect(PostgresConnection.textArray([]) == "{}")
    }
}
