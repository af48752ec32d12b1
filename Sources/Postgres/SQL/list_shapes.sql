-- The columns of the tables to migrate, with their types as numbers and names; what a schema change changes.
-- $1: schemas, text[]
select n.nspname,
       c.relname,
       a.attname,
       a.atttypid::text,
       a.atttypmod::text,
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       tn.nspname || '.' || t.typname,
       a.attgenerated <> '',
       coalesce(i.indkey::int2[] @> array[a.attnum], false)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type t on t.oid = a.atttypid
  join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
  left join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
 where n.nspname = any ($1::text[])
   and c.relkind in ('r', 'p')
   and not c.relispartition
   and c.relpersistence = 'p'
 order by 1, 2, a.attnum
