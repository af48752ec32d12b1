-- Moves the watermark of a channel from exactly where the writer believes it to be; raises division by zero otherwise,
-- so that nothing is applied after something that failed.
-- $1: migration  $2: commit LSN as a number  $3 $4 $5: inserts, updates, deletes  $6: the watermark before
with moved as (
update ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo
   set last_applied_vsn = $2, num_inserts = num_inserts + $3, num_updates = num_updates + $4,
       num_deletes = num_deletes + $5
 where migration_uuid = $1 and channel_no = 0 and last_applied_vsn = $6
returning 1)
select 1 / (count(*) = 1)::int from moved
