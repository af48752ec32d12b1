-- For each part of a partitioned table: the transaction that has changed its catalog row last, and the
-- transactions that attached it and its parents, because it may have been detached for a while.
-- $1: schemas of the roots, text[]
with recursive tree(relid, attached) as (
    select i.inhrelid, i.xmin::text
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_inherits i on i.inhparent = c.oid
     where n.nspname = any ($1::text[]) and c.relkind = 'p' and not c.relispartition
     union all
    select i.inhrelid, t.attached || ' ' || i.xmin::text
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid)
select t.relid::text, c.xmin::text, t.attached
  from tree t
  join pg_catalog.pg_class c on c.oid = t.relid and c.relkind <> 'p'
