-- The sequences of the schemas, those of serial and identity columns too.
-- $1: schemas, text[]
select n.nspname, c.relname
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'S' and n.nspname = any ($1::text[]) and c.relpersistence = 'p'
 order by 1, 2
