-- Moves the watermarks of channels from the values that the writer expects, and adds to the counts of several tables.
-- Raises division by zero if a watermark is not as expected, so that nothing is applied after something that failed.
-- $1: migration  $2: channels, int[]  $3: their watermarks before, bigint[]  $4: commit LSN as a number
-- $5 $6 $7: inserts, updates, deletes, which the first channel keeps
-- $8: tables, text[]  $9 $10 $11: inserts, updates, deletes of each, bigint[]  $12: the channel that keeps them
with moved as (
update ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo m
   set last_applied_vsn = $4,
       num_inserts = m.num_inserts + case when m.channel_no = ($2::int[])[1] then $5::bigint else 0 end,
       num_updates = m.num_updates + case when m.channel_no = ($2::int[])[1] then $6::bigint else 0 end,
       num_deletes = m.num_deletes + case when m.channel_no = ($2::int[])[1] then $7::bigint else 0 end
  from unnest($2::int[], $3::bigint[]) v(channel, was)
 where m.migration_uuid = $1 and m.channel_no = v.channel and m.last_applied_vsn = v.was
returning 1),
counted as (
insert into ybvoyager_metadata.ybvoyager_imported_event_count_by_table as c
       (migration_uuid, table_name, channel_no, total_events, num_inserts, num_updates, num_deletes)
select $1::uuid, v.name, $12::int, v.i + v.u + v.d, v.i, v.u, v.d
  from unnest($8::text[], $9::bigint[], $10::bigint[], $11::bigint[]) v(name, i, u, d)
    on conflict (migration_uuid, table_name, channel_no) do update
   set total_events = c.total_events + excluded.total_events, num_inserts = c.num_inserts + excluded.num_inserts,
       num_updates = c.num_updates + excluded.num_updates, num_deletes = c.num_deletes + excluded.num_deletes)
select 1 / (count(*) = cardinality($2::int[]))::int from moved
