-- The leaves of each partitioned root, with their sizes. A leaf that is being detached is no longer one.
-- Servers before 14 lack the column inhdetachpending: there the name finds the constant of before_14. The
-- last column says why no stream carries the rows of a leaf; it is empty if one does.
-- $1: oids of the tables, text[]
with recursive tree(root, relid) as (
    select oid, oid
      from unnest($1::text[]::oid[]) oid
     union all
    select t.root, i.inhrelid
      from tree t
     cross join (select false as inhdetachpending) before_14
     cross join lateral (select inhrelid, inhdetachpending from pg_catalog.pg_inherits where inhparent = t.relid) i
      join pg_catalog.pg_class l on l.oid = i.inhrelid and l.relispartition
     where not i.inhdetachpending)
select t.root::text, n.nspname, c.relname,
       case c.relkind when 'r' then pg_catalog.pg_relation_size(c.oid) else 0 end, greatest(c.reltuples, 0)::bigint,
       case when c.relkind = 'f' then 'foreign' when c.relpersistence <> 'p' then 'unlogged' else '' end
  from tree t
  join pg_catalog.pg_class c on c.oid = t.relid and c.relkind in ('r', 'f')
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 order by 1, 2, 3
