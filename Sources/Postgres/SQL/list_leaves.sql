-- The tables that hold the rows of each partitioned root, with their sizes. One that is being detached is none of them any more;
-- what a server before 14 has in the place of the column that says so is named before it.
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
select t.root::text, n.nspname, c.relname, pg_catalog.pg_relation_size(c.oid), greatest(c.reltuples, 0)::bigint
  from tree t
  join pg_catalog.pg_class c on c.oid = t.relid and c.relkind = 'r'
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 order by 1, 2, 3
