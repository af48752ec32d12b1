-- The tables and partitions that have no trigger of this name, roots first.
-- $1: tables, text[], quoted   $2: the trigger's name
with recursive tree(relid, depth) as (
    select r.oid, 0
      from unnest($1::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union all
    select i.inhrelid, t.depth + 1
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition)
select n.nspname, c.relname
  from tree t
  join pg_catalog.pg_class c on c.oid = t.relid and c.relkind in ('r', 'p')
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where not exists (select from pg_catalog.pg_trigger g where g.tgrelid = c.oid and g.tgname = $2)
 order by t.depth, 1, 2
