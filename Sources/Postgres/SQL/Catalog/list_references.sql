-- Which tables of the schemas refer to which tables by foreign keys. Keys of partitions are those of their roots.
-- $1: schemas, text[]
select distinct n.nspname, c.relname, m.nspname, r.relname
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_class c on c.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_class r on r.oid = k.confrelid
  join pg_catalog.pg_namespace m on m.oid = r.relnamespace
 where k.contype = 'f'
   and n.nspname = any ($1::text[])
   and not c.relispartition
   and not r.relispartition
 order by 1, 2, 3, 4
