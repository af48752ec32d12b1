-- The tables that could be migrated, with the parts of the partitioned ones: a row a table, or a row a part.
-- $1: schemas, text[]
select n.nspname,
       c.relname,
       c.oid::text,
       ln.nspname,
       l.relname,
       l.relfilenode::text,
       l.reltuples < 0,
       pg_catalog.pg_get_expr(l.relpartbound, l.oid)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join lateral pg_catalog.pg_partition_tree(c.oid) p on c.relkind = 'p' and p.isleaf and p.relid <> c.oid
  left join pg_catalog.pg_class l on l.oid = p.relid
  left join pg_catalog.pg_namespace ln on ln.oid = l.relnamespace
 where n.nspname = any ($1::text[])
   and c.relkind in ('r', 'p')
   and not c.relispartition
   and c.relpersistence = 'p'
   and not exists (select from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
 order by 1, 2, 4, 5
