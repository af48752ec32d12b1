-- Sessions and prepared transactions that hold a lock on the tables or their partitions which DDL that changes no rows waits
-- for: all but those of reading and writing rows. ALTER TABLE and triggers wait for writers, too.
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
held(pid, virtualtransaction, tables) as (
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
  from held h
  join pg_catalog.pg_stat_activity a on a.pid = h.pid
union all
select '0', p.owner, 'prepared transaction ' || p.gid, extract(epoch from now() - p.prepared)::bigint::text, h.tables
  from held h
  -- A prepared transaction has no process. It holds the lock of its own number under the same virtual number as its others, which
  -- is that of the session that prepared it until the server is restarted.
  join pg_catalog.pg_locks x
    on x.virtualtransaction = h.virtualtransaction and x.pid is null and x.locktype = 'transactionid'
   and x.mode = 'ExclusiveLock' and x.granted
  join pg_catalog.pg_prepared_xacts p on p.transaction::text = x.transactionid::text
 where h.pid is null and p.database = current_database()
