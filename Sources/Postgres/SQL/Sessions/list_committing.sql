-- The transactions, other than this one, that have written to a table and may be committing. A commit that
-- waits for a synchronous standby is in the log, and no session sees it yet; it has its locks until it is
-- seen. A session that is idle within its transaction commits nothing. Its state is empty if the role may not
-- see it.
-- $1: the table, quoted
with recursive tree(relid) as (
    select pg_catalog.to_regclass($1)::oid
     union all
    select i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition)
select distinct l.virtualtransaction
  from pg_catalog.pg_locks l
  join tree t on t.relid = l.relation
  left join pg_catalog.pg_stat_activity a on a.pid = l.pid
 where l.locktype = 'relation' and l.granted
   and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
   and l.mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
   and coalesce(a.state, '') not like 'idle in transaction%'
   and l.pid is distinct from pg_catalog.pg_backend_pid()
