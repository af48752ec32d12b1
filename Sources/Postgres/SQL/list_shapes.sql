-- The columns of the tables to migrate, with their types as numbers and names; what a schema change changes. The name is as
-- the stream tells it: of a domain its base type's, of a type of the system without a schema.
-- $1: schemas, text[]
select n.nspname,
       c.relname,
       a.attname,
       a.atttypid::text,
       a.atttypmod::text,
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       case when tn.nspname = 'pg_catalog' then '' else tn.nspname end || '.' || t.typname,
       a.attgenerated <> '',
       coalesce(a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]), false),
       p.parts::text
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  -- How many partitions hold its rows: a row that finds none is tried again when there is another one.
  cross join lateral (select case when c.relkind = 'p'
                                  then (select count(*) from pg_catalog.pg_partition_tree(c.oid) where isleaf)
                                  else 0 end) p(parts)
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type t
    on t.oid = (with recursive up(oid, base) as (
                       select y.oid, y.typbasetype from pg_catalog.pg_type y where y.oid = a.atttypid
                       union all
                       select y.oid, y.typbasetype from up join pg_catalog.pg_type y on y.oid = up.base)
                select up.oid from up where up.base = 0)
  join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
  left join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
 where n.nspname = any ($1::text[])
   and c.relkind in ('r', 'p')
   and not c.relispartition
   and c.relpersistence = 'p'
 order by 1, 2, a.attnum
