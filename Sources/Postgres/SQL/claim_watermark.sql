-- Moves the watermarks of channels from exactly where the writer believes them to be; raises division by zero otherwise,
-- so that nothing is applied after something that failed.
-- $1: migration  $2: channels, int[]  $3: their watermarks before, bigint[]  $4: commit LSN as a number
-- $5 $6 $7: inserts, updates, deletes, which the first channel keeps
with moved as (
update ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo m
   set last_applied_vsn = $4,
       num_inserts = m.num_inserts + case when m.channel_no = ($2::int[])[1] then $5::bigint else 0 end,
       num_updates = m.num_updates + case when m.channel_no = ($2::int[])[1] then $6::bigint else 0 end,
       num_deletes = m.num_deletes + case when m.channel_no = ($2::int[])[1] then $7::bigint else 0 end
  from unnest($2::int[], $3::bigint[]) v(channel, was)
 where m.migration_uuid = $1 and m.channel_no = v.channel and m.last_applied_vsn = v.was
returning 1)
select 1 / (count(*) = cardinality($2::int[]))::int from moved
