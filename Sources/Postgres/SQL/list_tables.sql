-- The tables to migrate: permanent ordinary tables and partitioned roots, never a partition.
-- $1: schemas, text[]
select n.nspname,
       c.relname,
       c.relreplident,
       c.relkind = 'p',
       coalesce((select array_to_string(array_agg(a.attname order by k.place), e'\x01')
                   from pg_catalog.pg_index i
                   cross join lateral unnest(i.indkey::int2[]) with ordinality k(attnum, place)
                   join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
                  where i.indrelid = c.oid and i.indisprimary and k.place <= i.indnkeyatts), ''),
       coalesce((select array_to_string(array_agg(a.attname order by k.place), e'\x01')
                   from pg_catalog.pg_index i
                   cross join lateral unnest(i.indkey::int2[]) with ordinality k(attnum, place)
                   join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
                  where i.indrelid = c.oid and i.indisreplident and k.place <= i.indnkeyatts), ''),
       c.oid::text,
       greatest(c.reltuples, 0)::bigint
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = any ($1::text[])
   and c.relkind in ('r', 'p')
   and not c.relispartition
   and c.relpersistence = 'p'
   and not exists (select from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
 order by 1, 2
