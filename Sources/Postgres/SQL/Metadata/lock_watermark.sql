-- Locks the watermarks of channels for the transaction; raises division by zero unless all are as the writer expects. The
-- last transaction of an earlier process may still be running on the server.
-- $1: migration  $2: channels, int[]  $3: their watermarks, bigint[]
select 1 / (count(*) = cardinality($2::int[]))::int
  from (select from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo m
          join unnest($2::int[], $3::bigint[]) v(channel, was)
            on m.channel_no = v.channel and m.last_applied_vsn = v.was
         where m.migration_uuid = $1
           for update of m) locked
