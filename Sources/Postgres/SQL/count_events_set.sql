-- Adds to the counts of several tables.
-- $1: migration  $2: tables, text[]  $3 $4 $5: inserts, updates, deletes, bigint[]  $6: channel
insert into ybvoyager_metadata.ybvoyager_imported_event_count_by_table as c
       (migration_uuid, table_name, channel_no, total_events, num_inserts, num_updates, num_deletes)
select $1::uuid, v.name, $6::int, v.i + v.u + v.d, v.i, v.u, v.d
  from unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) v(name, i, u, d)
    on conflict (migration_uuid, table_name, channel_no) do update
   set total_events = c.total_events + excluded.total_events, num_inserts = c.num_inserts + excluded.num_inserts,
       num_updates = c.num_updates + excluded.num_updates, num_deletes = c.num_deletes + excluded.num_deletes
