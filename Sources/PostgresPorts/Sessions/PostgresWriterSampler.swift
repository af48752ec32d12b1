import Engine
import Postgres
import Records

/// A session that looks who writes on a PostgreSQL server, by the statements and statistics that it shows.
final class PostgresWriterSampler: WriterSampler {
    private let connection: MonitorConnection

    /// Age of a statement that the first look still wants.
    private static let firstSeconds = 10.0

    init(_ context: RoleContext, _ side: Side, as name: String) {
        connection = MonitorConnection(context, side, as: name)
    }

    func sample(_ tables: [QualifiedName], since: Double?) throws -> WriterSample {
        let effect = StatementEffect(tables)
        return try connection.use { connection in
            // What was written is read first: whoever has written it is then seen.
            let written = try connection.writtenRows(of: tables)
            let clock = try connection.query(
                "select extract(epoch from clock_timestamp())::text", doing: "read the clock"
            ).scalar.flatMap { Double($0) }
            let now = clock ?? secondsNow()
            let statements = try connection.recentStatements(since: since ?? now - Self.firstSeconds)
            return WriterSample(
                at: now,
                statements: statements.map {
                    WriterSample.Statement(
                        processID: $0.processID, user: $0.user, application: $0.application,
                        sessionStart: $0.sessionStart, state: $0.state, beganAt: $0.beganAt,
                        effect: effect.of($0.text))
                }, written: written)
        }
    }
}
