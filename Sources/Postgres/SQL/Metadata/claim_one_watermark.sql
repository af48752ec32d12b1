-- Moves one channel's watermark and adds to the counts of one table, as claim_watermark.sql does for several. Small
-- transactions need no more; the plan is half as large, and the server sets it up again for each of them.
-- $1: migration  $2: channel  $3: its watermark before  $4: commit LSN as a number
-- $5: table  $6 $7 $8: its inserts, updates, deletes  $9: the channel that keeps them
with moved as (
update ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo m
   set last_applied_vsn = $4::bigint, num_inserts = m.num_inserts + $6::bigint,
       num_updates = m.num_updates + $7::bigint, num_deletes = m.num_deletes + $8::bigint
 where m.migration_uuid = $1::uuid and m.channel_no = $2::int and m.last_applied_vsn = $3::bigint
returning 1),
counted as (
insert into ybvoyager_metadata.ybvoyager_imported_event_count_by_table as c
       (migration_uuid, table_name, channel_no, total_events, num_inserts, num_updates, num_deletes)
values ($1::uuid, $5::text, $9::int, $6::bigint + $7::bigint + $8::bigint, $6::bigint, $7::bigint, $8::bigint)
    on conflict (migration_uuid, table_name, channel_no) do update
   set total_events = c.total_events + excluded.total_events, num_inserts = c.num_inserts + excluded.num_inserts,
       num_updates = c.num_updates + excluded.num_updates, num_deletes = c.num_deletes + excluded.num_deletes)
select 1 / (count(*) = 1)::int from moved
