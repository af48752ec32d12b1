-- The relations of the schemas that are not migrated as tables: why not, and for a partition its root. A
-- partition whose root is in another schema is also listed.
-- $1: schemas, text[]
with recursive up(part, relid) as (
    select c.oid, i.inhparent
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_inherits i on i.inhrelid = c.oid
     where c.relispartition and n.nspname = any ($1::text[])
     union all
    select up.part, i.inhparent
      from up
      join pg_catalog.pg_class c on c.oid = up.relid and c.relispartition
      join pg_catalog.pg_inherits i on i.inhrelid = c.oid)
select n.nspname,
       c.relname,
       case when c.relispartition and c.relkind in ('r', 'p', 'f') then 'partition'
            when c.relkind in ('r', 'p') and c.relpersistence <> 'p' then 'unlogged'
            when c.relkind = 'f' then 'foreign'
            when c.relkind in ('r', 'p') then 'extension'
            when c.relkind = 'm' then 'materialized view'
            when c.relkind = 'S' then 'sequence'
            else 'view' end,
       rn.nspname,
       r.relname
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join (select up.part, up.relid
               from up
               join pg_catalog.pg_class p on p.oid = up.relid and not p.relispartition) root
         on root.part = c.oid
  left join pg_catalog.pg_class r on r.oid = root.relid
  left join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
 where n.nspname = any ($1::text[])
   and (c.relkind in ('f', 'm', 'S', 'v')
        or c.relkind in ('r', 'p')
           and (c.relispartition or c.relpersistence <> 'p'
                or exists (select from pg_catalog.pg_depend d
                            where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid
                              and d.deptype = 'e')))
 order by 1, 2
