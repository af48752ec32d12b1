-- Sessions and prepared transactions with a lock on the tables or their partitions for which our DDL waits.
-- Locks of SELECT and of row locks do not count; those of writers do, because ALTER TABLE and CREATE TRIGGER
-- wait for them.
-- $1: tables, text[], quoted
with recursive tree(root, relid) as (
    select r.oid, r.oid
      from unnest($1::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union all
    select t.root, i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition),
locked(pid, virtualtransaction, tables) as (
    select l.pid, l.virtualtransaction, string_agg(distinct n.nspname || '.' || r.relname, ', ')
      from pg_catalog.pg_locks l
      join tree t on t.relid = l.relation
      join pg_catalog.pg_class r on r.oid = t.root
      join pg_catalog.pg_namespace n on n.oid = r.relnamespace
     where l.locktype = 'relation' and l.granted and l.pid is distinct from pg_catalog.pg_backend_pid()
       and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
       and l.mode not in ('AccessShareLock', 'RowShareLock')
     group by 1, 2)
select a.pid::text, coalesce(a.usename, ''), coalesce(a.application_name, ''),
       extract(epoch from now() - a.xact_start)::bigint::text, h.tables
  from locked h
  join pg_catalog.pg_stat_activity a on a.pid = h.pid
union all
select '0', p.owner, 'prepared transaction ' || p.gid, extract(epoch from now() - p.prepared)::bigint::text, h.tables
  from locked h
  -- A prepared transaction has no process. Its locks, also the one on its own transaction ID, have the same
  -- virtual transaction ID: that of the session that prepared it, until the server is restarted.
  join pg_catalog.pg_locks x
    on x.virtualtransaction = h.virtualtransaction and x.pid is null and x.locktype = 'transactionid'
   and x.mode = 'ExclusiveLock' and x.granted
  join pg_catalog.pg_prepared_xacts p on p.transaction::text = x.transactionid::text
 where h.pid is null and p.database = current_database()
