-- The state of a slot: the WAL that it retains, and whether it is lost. A column that the server lacks is
-- null: safe_wal_size came with 13, conflicting with 16, invalidation_reason and inactive_since with 17.
-- YugabyteDB refuses pg_current_wal_lsn. It keeps no WAL for a slot and compares a number of the slot with its own empty
-- WAL, so that wal_status may read lost for a slot that it keeps, and safe_wal_size means nothing: both are null there.
-- $1: slot name
select active::text,
       case when pg_catalog.version() not like '%-YB-%'
            then pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn)::bigint end,
       case when pg_catalog.version() not like '%-YB-%' then j.slot ->> 'wal_status' end,
       confirmed_flush_lsn::text,
       j.slot ->> 'active_pid',
       case when pg_catalog.version() not like '%-YB-%' then (j.slot ->> 'safe_wal_size')::bigint end,
       coalesce(j.slot ->> 'invalidation_reason', case when (j.slot ->> 'conflicting')::bool then 'conflict' end),
       extract(epoch from (j.slot ->> 'inactive_since')::timestamptz)::float8::text,
       current_setting('max_slot_wal_keep_size', true),
       current_setting('idle_replication_slot_timeout', true),
       (select r.sync_state in ('sync', 'quorum')
          from pg_catalog.pg_stat_replication r
         where r.pid = (j.slot ->> 'active_pid')::int)::text,
       -- A hybrid time: microseconds since 1970 above twelve bits of a counter.
       (extract(epoch from clock_timestamp())
        - ((j.slot ->> 'yb_restart_commit_ht')::bigint >> 12) / 1000000.0)::float8::text,
       case when pg_catalog.version() not like '%-YB-%' then pg_catalog.pg_current_wal_lsn()::text end,
       -- What the reader of the slot was not sent.
       case when pg_catalog.version() not like '%-YB-%'
            then (select pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), r.sent_lsn)::bigint
                    from pg_catalog.pg_stat_replication r
                   where r.pid = (j.slot ->> 'active_pid')::int) end
  from pg_catalog.pg_replication_slots s
 cross join lateral (select to_jsonb(s)) j(slot)
 where slot_name = $1
