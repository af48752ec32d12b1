-- The tables to migrate: permanent ordinary tables and partitioned roots, never a partition. Names of columns
-- come as JSON.
-- $1: schemas, text[]
select n.nspname,
       c.relname,
       c.relreplident,
       c.relkind = 'p',
       coalesce((select array_to_json(array_agg(a.attname order by k.place))::text
                   from (select indkey, indnatts, indnkeyatts
                           from pg_catalog.pg_index
                          where indrelid = c.oid and indisprimary) i
                   cross join lateral unnest(i.indkey::int2[]) with ordinality k(attnum, place)
                   join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
                  where k.place <= coalesce(i.indnkeyatts, i.indnatts)), '[]'),
       coalesce((select array_to_json(array_agg(a.attname order by k.place))::text
                   from (select indkey, indnatts, indnkeyatts
                           from pg_catalog.pg_index
                          where indrelid = c.oid and indisreplident) i
                   cross join lateral unnest(i.indkey::int2[]) with ordinality k(attnum, place)
                   join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
                  where k.place <= coalesce(i.indnkeyatts, i.indnatts)), '[]'),
       c.oid::text,
       greatest(c.reltuples, 0)::bigint
  -- Servers before 11 lack the column: there the name above finds this constant.
  from (select null::int2 as indnkeyatts) before_11
 cross join pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = any ($1::text[])
   and c.relkind in ('r', 'p')
   and not c.relispartition
   and c.relpersistence = 'p'
   and not exists (select from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
 order by 1, 2
