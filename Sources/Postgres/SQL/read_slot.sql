-- How a slot stands: what it holds back and whether it is still good.
-- $1: slot name
select active::text,
       pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn)::bigint,
       to_jsonb(s) ->> 'wal_status',
       confirmed_flush_lsn::text,
       to_jsonb(s) ->> 'active_pid'
  from pg_catalog.pg_replication_slots s
 where slot_name = $1
