-- Sessions and prepared transactions, other than ours, that may have written to the tables, to their
-- partitions or to their sequences: they have a lock for writing, and keep it until their transaction ends.
-- $1: the prefix of our own application names   $2: tables, text[], quoted
with recursive tree(root, relid) as (
    select r.oid, r.oid
      from unnest($2::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union all
    select t.root, i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition),
written(root, relid) as (
    select root, relid from tree
     union
    select t.root, d.objid
      from tree t
      join pg_catalog.pg_depend d on d.refobjid = t.relid and d.refclassid = 'pg_catalog.pg_class'::regclass
       and d.classid = 'pg_catalog.pg_class'::regclass and d.deptype in ('a', 'i') and d.refobjsubid > 0
     union
    select t.root, d.refobjid
      from tree t
      join pg_catalog.pg_attrdef f on f.adrelid = t.relid
      join pg_catalog.pg_depend d on d.objid = f.oid and d.classid = 'pg_catalog.pg_attrdef'::regclass
       and d.refclassid = 'pg_catalog.pg_class'::regclass
      join pg_catalog.pg_class s on s.oid = d.refobjid and s.relkind = 'S'),
locked(pid, virtualtransaction, tables) as (
    select l.pid, l.virtualtransaction, string_agg(distinct n.nspname || '.' || r.relname, ', ')
      from pg_catalog.pg_locks l
      join written w on w.relid = l.relation
      join pg_catalog.pg_class r on r.oid = w.root
      join pg_catalog.pg_namespace n on n.oid = r.relnamespace
     where l.locktype = 'relation' and l.granted
       and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
       and l.mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
     group by 1, 2)
select a.pid::text, coalesce(a.usename, ''), coalesce(a.application_name, ''),
       extract(epoch from now() - a.xact_start)::bigint::text, h.tables, a.state,
       extract(epoch from a.xact_start)::text, extract(epoch from a.backend_start)::text
  from locked h
  join pg_catalog.pg_stat_activity a on a.pid = h.pid
   -- Workers of extensions and of subscriptions write, too; those of autovacuum have no user.
 where a.application_name not like $1 || '%' and a.usesysid is not null
union all
select '0', p.owner, 'prepared transaction ' || p.gid, extract(epoch from now() - p.prepared)::bigint::text,
       h.tables, 'prepared', extract(epoch from p.prepared)::text, null
  from locked h
  -- A prepared transaction has no process. Its locks, also the one on its own transaction ID, have the same
  -- virtual transaction ID: that of the session that prepared it, until the server is restarted.
  join pg_catalog.pg_locks x
    on x.virtualtransaction = h.virtualtransaction and x.pid is null and x.locktype = 'transactionid'
   and x.mode = 'ExclusiveLock' and x.granted
  join pg_catalog.pg_prepared_xacts p on p.transaction::text = x.transactionid::text
 where h.pid is null and p.database = current_database()
