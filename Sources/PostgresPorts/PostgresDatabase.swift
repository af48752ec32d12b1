import Engine
import Postgres
import Records

/// A PostgreSQL or YugabyteDB server's database, as the engine sees it.
extension DatabaseAccess: Database {
    package var place: String { parameters.place }

    package func moved(to form: ConnectionForm) -> any Database {
        DatabaseAccess(parameters: form.parameters, password: password)
    }

    package func side(_ side: Side, _ context: RoleContext) -> any DatabaseSide {
        PostgresSide(access: self, side: side, context: context)
    }

    package func origin(of leg: Leg, _ context: RoleContext) -> any Origin {
        PostgresOrigin(access: self, leg: leg, context: context)
    }

    package func destination(of leg: Leg, _ context: RoleContext) -> any Destination {
        PostgresDestination(access: self, leg: leg, context: context)
    }
}

/// What works on one database of a migration: it knows the database, the side and the migration's context.
protocol PostgresWork: Sendable {
    var access: DatabaseAccess { get }
    var side: Side { get }
    var context: RoleContext { get }
}

struct PostgresSide: PostgresWork, DatabaseSide {
    let access: DatabaseAccess
    let side: Side
    let context: RoleContext
}

struct PostgresOrigin: PostgresWork, Origin {
    let access: DatabaseAccess
    let leg: Leg
    let context: RoleContext

    var side: Side { leg.direction.origin }
}

struct PostgresDestination: PostgresWork, Destination {
    let access: DatabaseAccess
    let leg: Leg
    let context: RoleContext

    var side: Side { leg.direction.destination }
}
