-- Adds to the counts of one table.
-- $1: migration  $2: table  $3 $4 $5: inserts, updates, deletes
insert into ybvoyager_metadata.ybvoyager_imported_event_count_by_table as c
       (migration_uuid, table_name, channel_no, total_events, num_inserts, num_updates, num_deletes)
values ($1, $2, 0, $3::bigint + $4::bigint + $5::bigint, $3, $4, $5)
    on conflict (migration_uuid, table_name, channel_no) do update
   set total_events = c.total_events + excluded.total_events, num_inserts = c.num_inserts + excluded.num_inserts,
       num_updates = c.num_updates + excluded.num_updates, num_deletes = c.num_deletes + excluded.num_deletes
