import Postgres
import Records

/// Looks at the destination's tables every few seconds, over a connection of its own: the others are in their pipelines. It
/// belongs to the apply role.
final class DestinationWatch {
    private let context: RoleContext
    private let leg: Leg
    private var connection: Connection?
    private var lookedAt = secondsNow()
    private var waitSeconds = DestinationWatch.waitSecondsMin

    /// Between two looks; and so seldom that they take no more than a fiftieth of the time.
    static let waitSecondsMin = 2.0
    private static let lookShare = 50.0

    /// A connection that may be none.
    private final class Connection {
        let session: PostgresConnection
        init(_ session: consuming PostgresConnection) { self.session = session }
    }

    init(context: RoleContext, leg: Leg) {
        self.context = context
        self.leg = leg
    }

    /// Somebody else has looked just now.
    func looked() { lookedAt = secondsNow() }

    /// Whether the tables are other than `known`; looks where it is time to.
    func seesChange(from known: [QualifiedName: TableShape]) throws -> Bool {
        let now = secondsNow()
        guard now - lookedAt > waitSeconds else { return false }
        lookedAt = now
        if connection == nil {
            connection = Connection(try context.connect(leg.direction.destination, as: "apply watch"))
        }
        guard let connection else { return false }
        do {
            let found = try connection.session.shapes(inSchemas: try context.record().schemas)
            waitSeconds = max(Self.waitSecondsMin, (secondsNow() - now) * Self.lookShare)
            return found != known
        } catch {
            self.connection = nil
            throw error
        }
    }
}
