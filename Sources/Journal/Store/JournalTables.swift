/// The tables of `metainfo/meta.db`. Names and columns that scripts read from yb-voyager are spelled as they
/// are there.
enum JournalTables {
    /// Adds the durable size. `size_committed` is the size of the file, which scripts of yb-voyager read.
    static let durableSegments = """
        alter table queue_segment_meta add column size_durable integer not null default 0;
        """

    /// Adds the contents of a chunk's file, by which another file in its place is noticed.
    static let chunkFiles = """
        alter table chunk add column columns_json text;
        alter table chunk add column file_bytes integer;
        alter table chunk add column file_crc32c integer;
        """

    static let first = """
        create table json_objects (key text primary key, json_text text not null);
        create table queue_segment_meta (
            segment_no integer primary key,
            file_path text not null,
            size_committed integer not null default 0,
            total_events integer not null default 0,
            exporter_role text not null,
            imported_by_target_db_importer integer not null default 0,
            imported_by_source_db_importer integer not null default 0,
            archived integer not null default 0,
            deleted integer not null default 0,
            archive_location text,
            leg integer not null,
            after_lsn integer not null,
            continues_transaction integer not null
        );
        create table request (
            id integer primary key autoincrement,
            title text not null,
            request_json text not null,
            asked_by text not null,
            asked_at real not null,
            state text not null default 'waiting',
            answer text not null default '',
            lines_json text not null default '[]',
            findings_json text not null default '{}',
            ended_at real
        );
        create index request_by_state on request (state, id);
        create table event (
            id integer primary key autoincrement,
            at real not null,
            level text not null,
            origin text not null,
            message text not null
        );
        create table migrated_table (
            schema_name text not null,
            table_name text not null,
            table_json text not null,
            generation integer not null default 0,
            snapshot_lsn integer,
            exported_rows integer not null default 0,
            is_exported integer not null default 0,
            imported_rows integer not null default 0,
            is_imported integer not null default 0,
            primary key (schema_name, table_name)
        );
        create table chunk (
            schema_name text not null,
            table_name text not null,
            generation integer not null,
            chunk_no integer not null,
            leaf_json text not null,
            first_page integer not null,
            end_page integer,
            rows integer,
            file_path text,
            is_exported integer not null default 0,
            is_imported integer not null default 0,
            primary key (schema_name, table_name, generation, chunk_no)
        );
        """

    /// The incidents, and the length up to which each leg's error file is whole.
    static let incidents = """
        create table incident (
            leg integer not null,
            commit_lsn integer not null,
            change_no integer not null,
            table_name text not null,
            operation text not null,
            key_json text not null,
            sql_state text not null,
            constraint_name text,
            reason text not null,
            at real not null,
            handling text not null,
            primary key (leg, commit_lsn, change_no)
        );
        create index incident_by_table on incident (leg, table_name, handling);
        create table error_file (leg integer primary key, bytes integer not null);
        """
}
