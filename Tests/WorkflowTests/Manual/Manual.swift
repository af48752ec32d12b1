/// The command lines of the manual's page on live migration with fall-back, word for word.
enum Manual {
    static let exportSchema = #"""
        # Replace the argument values with those applicable for your migration.
        yb-voyager export schema --export-dir <EXPORT_DIR> \
                --source-db-type <SOURCE_DB_TYPE> \
                --source-db-host <SOURCE_DB_HOST> \
                --source-db-user <SOURCE_DB_USER> \
                --source-db-password <SOURCE_DB_PASSWORD> \ # Enclose the password in single quotes if it contains special characters.
                --source-db-name <SOURCE_DB_NAME> \
                --source-db-schema <SOURCE_DB_SCHEMA>
        """#

    static let analyzeSchema = #"""
        # Replace the argument values with those applicable for your migration.
        yb-voyager analyze-schema --export-dir <EXPORT_DIR> --output-format <FORMAT>
        """#

    static let importSchema = #"""
        # Replace the argument values with those applicable for your migration.
        yb-voyager import schema --export-dir <EXPORT_DIR> \
                --target-db-host <TARGET_DB_HOST> \
                --target-db-user <TARGET_DB_USER> \
                --target-db-password <TARGET_DB_PASSWORD> \ # Enclose the password in single quotes if it contains special characters..
                --target-db-name <TARGET_DB_NAME> \
                --target-db-schema <TARGET_DB_SCHEMA>
        """#

    static let exportData = #"""
        # Replace the argument values with those applicable for your migration.
        yb-voyager export data from source --export-dir <EXPORT_DIR> \
                --source-db-type <SOURCE_DB_TYPE> \
                --source-db-host <SOURCE_DB_HOST> \
                --source-db-user <SOURCE_DB_USER> \
                --source-db-password <SOURCE_DB_PASSWORD> \ # Enclose the password in single quotes if it contains special characters.
                --source-db-name <SOURCE_DB_NAME> \
                --source-db-schema <SOURCE_DB_SCHEMA> \
                --export-type snapshot-and-changes
        """#

    static let importData = #"""
        # Replace the argument values with those applicable for your migration.
        yb-voyager import data to target --export-dir <EXPORT_DIR> \
                --target-db-host <TARGET_DB_HOST> \
                --target-db-user <TARGET_DB_USER> \
                --target-db-password <TARGET_DB_PASSWORD> \ # Enclose the password in single quotes if it contains special characters.
                --target-db-name <TARGET_DB_NAME> \
                --target-db-schema <TARGET_DB_SCHEMA> \ # Oracle only.
                --parallel-jobs <NUMBER_OF_JOBS>
        """#

    static let report = #"""
        # Replace the argument values with those applicable for your migration.
        yb-voyager get data-migration-report --export-dir <EXPORT_DIR> \
                --target-db-password <TARGET_DB_PASSWORD> \
                --source-db-password <SOURCE_DB_PASSWORD>
        """#

    static let importIndexes = #"""
        # Replace the argument values with those applicable for your migration.
        yb-voyager import schema --export-dir <EXPORT_DIR> \
                --target-db-host <TARGET_DB_HOST> \
                --target-db-user <TARGET_DB_USER> \
                --target-db-password <TARGET_DB_PASSWORD> \ # Enclose the password in single quotes if it contains special characters.
                --target-db-name <TARGET_DB_NAME> \
                --target-db-schema <TARGET_DB_SCHEMA> \
                --post-snapshot-import true
        """#

    static let importIndexesAgain = #"""
        # Replace the argument values with those applicable for your migration.
        yb-voyager import schema --export-dir <EXPORT_DIR> \
                --target-db-host <TARGET_DB_HOST> \
                --target-db-user <TARGET_DB_USER> \
                --target-db-password <TARGET_DB_PASSWORD> \ # Enclose the password in single quotes if it contains special characters.
                --target-db-name <TARGET_DB_NAME> \
                --target-db-schema <TARGET_DB_SCHEMA> \
                --post-snapshot-import true \
                --ignore-exist true
        """#

    static let archiveChanges = #"""
        # Replace the argument values with those applicable for your migration.
        yb-voyager archive changes --export-dir <EXPORT-DIR> --move-to <DESTINATION-DIR>
        """#

    static let cutoverToTarget = #"""
        # Replace the argument values with those applicable for your migration.
        yb-voyager initiate cutover to target --export-dir <EXPORT_DIR> --prepare-for-fall-back true
        """#

    static let cutoverStatus = #"""
        # Replace the argument values with those applicable for your migration.
        yb-voyager cutover status --export-dir <EXPORT_DIR>
        """#

    static let cutoverToSource = #"""
        # Replace the argument values with those applicable for your migration.
        yb-voyager initiate cutover to source --export-dir <EXPORT_DIR>
        """#

    static let endMigration = #"""
        # Replace the argument values with those applicable for your migration.
        yb-voyager end migration --export-dir <EXPORT_DIR> \
                --backup-log-files <true, false, yes, no, 1, 0> \
                --backup-data-files <true, false, yes, no, 1, 0> \
                --backup-schema-files <true, false, yes, no, 1, 0> \
                --save-migration-reports <true, false, yes, no, 1, 0> \
                # Set optional argument to store a back up of any of the above arguments.
                --backup-dir <BACKUP_DIR>
        """#

    // The manual names these two without an example; the flags are those that a restart needs.
    static let exportDataFromTarget = #"""
        yb-voyager export data from target --export-dir <EXPORT_DIR> --target-db-password <TARGET_DB_PASSWORD>
        """#
    static let importDataToSource = #"""
        yb-voyager import data to source --export-dir <EXPORT_DIR> --source-db-password <SOURCE_DB_PASSWORD>
        """#

    /// The statements that the manual tells the operator to run on the source before the start, as superuser
    /// in psql.
    static let prepareSource = #"""
        DO $$
        DECLARE
          r Record;
        BEGIN
          FOR r IN (SELECT table_schema, '"' || table_name || '"' as t_name  FROM information_schema.tables WHERE table_schema IN (<SCHEMA_LIST>) AND table_type = 'BASE TABLE')
          LOOP
            EXECUTE 'ALTER TABLE ' || r.table_schema || '.' || r.t_name || ' REPLICA IDENTITY FULL';
          END LOOP;
        END $$;
        CREATE USER ybvoyager PASSWORD '<PASSWORD>' REPLICATION;
        SELECT 'GRANT USAGE ON SCHEMA ' || schema_name || ' TO ybvoyager;' FROM information_schema.schemata; \gexec
        SELECT 'GRANT SELECT ON ALL TABLES IN SCHEMA ' || schema_name || ' TO ybvoyager;' FROM information_schema.schemata; \gexec
        SELECT 'GRANT SELECT ON ALL SEQUENCES IN SCHEMA ' || schema_name || ' TO ybvoyager;' FROM information_schema.schemata; \gexec
        CREATE ROLE replication_group;
        GRANT replication_group TO <ORIGINAL_OWNER>;
        GRANT replication_group TO ybvoyager;
        DO $$
        DECLARE
          r Record;
        BEGIN
          FOR r IN (SELECT table_schema, '"' || table_name || '"' as t_name FROM information_schema.tables WHERE table_schema IN (<SCHEMA_LIST>))
          LOOP
            EXECUTE 'ALTER TABLE ' || r.table_schema || '.' || r.t_name || ' OWNER TO replication_group';
          END LOOP;
        END $$;
        GRANT CREATE ON DATABASE <DATABASE_NAME> TO ybvoyager; --required to create a publication.
        SELECT 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ' || schema_name || ' TO ybvoyager;' FROM information_schema.schemata where schema_name IN (<SCHEMA_LIST>) ; \gexec
        """#

    /// The scripts that the manual tells the operator to run on the source, after the cutover to the target.
    static let disableTriggers = #"""
        DO $$
        DECLARE
            r RECORD;
        BEGIN
            FOR r IN
                SELECT table_schema, '"' || table_name || '"' AS t_name
                FROM information_schema.tables
                WHERE table_type = 'BASE TABLE'
                AND table_schema IN (<SCHEMA_LIST>)
            LOOP
                EXECUTE 'ALTER TABLE ' || r.table_schema || '.' || r.t_name || ' DISABLE TRIGGER ALL';
            END LOOP;
        END $$;
        """#

    /// The second one of them.
    static let dropForeignKeys = #"""
        DO $$
        DECLARE
            fk RECORD;
        BEGIN
            FOR fk IN
                SELECT conname, conrelid::regclass AS table_name
                FROM pg_constraint
                JOIN pg_class ON conrelid = pg_class.oid
                JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
                WHERE contype = 'f'
                AND pg_namespace.nspname IN (<SCHEMA_LIST>)
            LOOP
                EXECUTE 'ALTER TABLE ' || fk.table_name || ' DROP CONSTRAINT ' || fk.conname;
            END LOOP;
        END $$;
        """#

    /// The script that the manual tells the operator to run on the source after the cutover to the source.
    static let enableTriggers = #"""
        DO $$
        DECLARE
            r RECORD;
        BEGIN
            FOR r IN
                SELECT table_schema, '"' || table_name || '"' AS t_name
                FROM information_schema.tables
                WHERE table_type = 'BASE TABLE'
                AND table_schema IN (<SCHEMA_LIST>)
            LOOP
                EXECUTE 'ALTER TABLE ' || r.table_schema || '.' || r.t_name || ' ENABLE TRIGGER ALL';
            END LOOP;
        END $$;
        """#
}
