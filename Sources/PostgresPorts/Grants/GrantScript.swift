import Records

/// The SQL that gives a role the least rights with which Switchback migrates a database, for psql.
package struct GrantScript: Sendable {
    /// The service that runs the server. It decides how the right to replicate is given.
    package enum Service: String, Sendable, CaseIterable {
        case postgresql
        case rds
        case aurora
        case azure
        case cloudsql
    }

    package let role: String
    package let side: Side
    package let service: Service
    package let database: String
    package let schemas: [String]

    package init(role: String, side: Side, service: Service, database: String, schemas: [String]) {
        self.role = role
        self.side = side
        self.service = service
        self.database = database
        self.schemas = schemas
    }

    private var user: String { quoteIdentifier(role) }
    private var list: String { schemas.map { quoteLiteral($0) }.joined(separator: ", ") }

    package var text: String {
        ([header, replication, onDatabase] + schemas.map(onSchema) + [
            ownership, sessions, replicaRole, fence,
        ])
        .joined(separator: "\n\n") + "\n"
    }

    private var header: String {
        """
        -- Rights of role \(ShownName.onOneLine(role)) on the \(side.rawValue), for Switchback. Run it as an administrator of the server,
        -- connected to database \(ShownName.onOneLine(database)). The role has to exist and may log in:
        --   create role \(ShownName.onOneLine(user)) login password '...';
        -- The script may be run again, for example after new tables were created. It is for PostgreSQL 10 to 18.
        """
    }

    private var replication: String {
        let purpose =
            side == .source
            ? "-- To stream changes. The server has wal_level = logical."
            : "-- To stream changes back after the cutover. The server has wal_level = logical."
        return switch service {
        case .postgresql: "\(purpose)\nalter role \(user) replication;"
        case .rds, .aurora:
            "\(purpose) It is set by rds.logical_replication = 1 in the parameter group.\n"
                + "grant rds_replication to \(user);"
        case .azure:
            "\(purpose) It is a server parameter of the portal.\nalter role \(user) replication;"
        case .cloudsql:
            "\(purpose) It is set by the flag cloudsql.logical_decoding = on.\n"
                + "alter role \(user) replication;"
        }
    }

    private var onDatabase: String {
        """
        -- To connect, and to create the publication and the schema of the metadata.
        grant connect, create on database \(quoteIdentifier(database)) to \(user);
        """
    }

    private func onSchema(_ schema: String) -> String {
        let name = quoteIdentifier(schema)
        let purpose =
            side == .source
            ? "-- Schema \(ShownName.onOneLine(schema)): to read it; to write changes back in the fall-back."
            : "-- Schema \(ShownName.onOneLine(schema)): to write rows and changes, and to compare them."
        return """
            \(purpose)
            grant usage on schema \(name) to \(user);
            grant select, insert, update, delete, truncate on all tables in schema \(name) to \(user);
            grant select, update on all sequences in schema \(name) to \(user);
            """
    }

    private var ownership: String {
        """
        -- To publish the tables: a member of their owners' roles may. The administrator has to be allowed to grant these roles.
        do $$
        declare
            owner name;
        begin
            for owner in
                select distinct pg_catalog.pg_get_userbyid(c.relowner)
                  from pg_catalog.pg_class c
                  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                 where n.nspname in (\(list)) and c.relkind in ('r', 'p')
                   and not pg_catalog.pg_has_role(\(quoteLiteral(role)), c.relowner, 'usage')
            loop
                execute pg_catalog.format('grant %I to %I', owner, \(quoteLiteral(role)));
            end loop;
        end $$;
        """
    }

    private var sessions: String {
        """
        -- To name the sessions that write during a cutover, and to end them if --disconnect-sessions asks for it.
        grant pg_read_all_stats, pg_signal_backend to \(user);
        """
    }

    private var replicaRole: String {
        let other =
            switch service {
            case .postgresql: "Before version 15 only a superuser may set it."
            case .rds, .aurora: "If it fails, see whether a member of rds_superuser may set it there."
            case .azure: "If it fails, see whether a member of azure_pg_admin may set it there."
            case .cloudsql: "If it fails, see whether a member of cloudsqlsuperuser may set it there."
            }
        return """
            -- To write rows without firing triggers and foreign keys. \(other)
            do $$
            begin
                if pg_catalog.current_setting('server_version_num')::int >= 150000 then
                    execute \(quoteLiteral("grant set on parameter session_replication_role to \(user)"));
                end if;
            end $$;
            """
    }

    private var fence: String {
        """
        -- The fence of a cutover makes the database read-only for new sessions, which only its owner may do. Without the owner's role
        -- use --fence tables, for which a member of the tables' owners has the right.
        """
    }
}
