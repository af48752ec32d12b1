-- The materialized views of the schemas, in an order in which each comes after those that it reads, also
-- through views.
-- $1: schemas, text[]
with recursive reads(reader, read) as (
    select distinct w.ev_class, d.refobjid
      from pg_catalog.pg_rewrite w
      join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
       and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid <> w.ev_class
      join pg_catalog.pg_class c on c.oid = d.refobjid and c.relkind in ('v', 'm')),
reached(relid, read, depth) as (
    select reader, read, 1 from reads
     union
    select p.relid, r.read, p.depth + 1
      from reached p
      join reads r on r.reader = p.read)
select n.nspname, c.relname
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'm' and n.nspname = any ($1::text[])
 order by coalesce((select max(p.depth) from reached p where p.relid = c.oid), 0), 1, 2
