-- Holds the watermark of a channel for the transaction; raises division by zero unless it is where the writer believes
-- it to be. An earlier process's last transaction may still be on its way through the server.
-- $1: migration  $2: the watermark
select 1 / (count(*) = 1)::int
  from (select from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo
         where migration_uuid = $1 and channel_no = 0 and last_applied_vsn = $2
           for update) held
