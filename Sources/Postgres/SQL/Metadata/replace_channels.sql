-- Replaces channels by others; the first of the new ones takes over the totals. Raises division by zero and changes
-- nothing unless the watermarks of all that go are as they were read.
-- $1: migration  $2: channels that go, int[]  $3: their watermarks, bigint[]
-- $4: new channels, int[]  $5: their watermarks, bigint[]
with gone as (
delete from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo m
 using unnest($2::int[], $3::bigint[]) v(channel, was)
 where m.migration_uuid = $1 and m.channel_no = v.channel and m.last_applied_vsn = v.was
returning m.num_inserts, m.num_updates, m.num_deletes),
total as (
select coalesce(sum(num_inserts), 0)::bigint i, coalesce(sum(num_updates), 0)::bigint u,
       coalesce(sum(num_deletes), 0)::bigint d
  from gone),
added as (
insert into ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo
       (migration_uuid, channel_no, last_applied_vsn, num_inserts, num_updates, num_deletes)
select $1::uuid, v.channel, v.lsn, case when v.place = 1 then t.i else 0 end,
       case when v.place = 1 then t.u else 0 end, case when v.place = 1 then t.d else 0 end
  from unnest($4::int[], $5::bigint[]) with ordinality v(channel, lsn, place)
 cross join total t)
select 1 / (count(*) = cardinality($2::int[]))::int from gone
