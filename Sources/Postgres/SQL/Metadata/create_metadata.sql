-- The tables that say what was applied; they change in the same transactions as the data. Their names and columns are
-- yb-voyager's, except switchback_incidents, which holds stashed changes, and switchback_barriers, whose rows are published
-- as barriers if logical messages are not.
create schema if not exists ybvoyager_metadata;
create table if not exists ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 (
    migration_uuid uuid, data_file_name varchar(250), batch_number int, schema_name varchar(250),
    table_name varchar(250), rows_imported bigint,
    primary key (migration_uuid, data_file_name, batch_number, schema_name, table_name));
create table if not exists ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo (
    migration_uuid uuid, channel_no int, last_applied_vsn bigint,
    num_inserts bigint, num_deletes bigint, num_updates bigint,
    primary key (migration_uuid, channel_no));
create table if not exists ybvoyager_metadata.ybvoyager_imported_event_count_by_table (
    migration_uuid uuid, table_name varchar(250), channel_no int, total_events bigint,
    num_inserts bigint, num_deletes bigint, num_updates bigint,
    primary key (migration_uuid, table_name, channel_no));
create table if not exists ybvoyager_metadata.switchback_incidents (
    migration_uuid uuid, leg int, commit_lsn bigint, change_no bigint, is_carried boolean not null default false,
    incident_json text not null, statement_sql text not null,
    primary key (migration_uuid, leg, commit_lsn, change_no));
create table if not exists ybvoyager_metadata.switchback_barriers (
    migration_uuid uuid, content text, written_at timestamptz not null default clock_timestamp(),
    primary key (migration_uuid, content))
