-- The number of rows that were ever written to the tables, with their partitions, by the server's statistics.
-- $1: tables, text[], quoted
with recursive tree(root, relid) as (
    select r.oid, r.oid
      from unnest($1::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union
    select t.root, i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition)
select n.nspname, c.relname,
       sum(pg_catalog.pg_stat_get_tuples_inserted(t.relid) + pg_catalog.pg_stat_get_tuples_updated(t.relid)
           + pg_catalog.pg_stat_get_tuples_deleted(t.relid))::bigint::text
  from tree t
  join pg_catalog.pg_class c on c.oid = t.root
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 group by 1, 2
