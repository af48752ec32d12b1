-- What is in schemas, a row for each object that is of no extension and no part of another: its kind, its name, and the statement
-- that drops it. A schema other than public is dropped as a whole, so that what is in it has no statement.
-- $1: the schemas, text[]
with listed as (
    select n.oid, n.nspname, n.nspname <> 'public' as is_dropped
      from pg_catalog.pg_namespace n
     where n.nspname = any ($1::text[])),
objects as (
    select c.oid, 'pg_catalog.pg_class'::pg_catalog.regclass as class, l.nspname, l.is_dropped, c.relname::text as name,
           case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' when 'f' then 'foreign table'
                          else 'table' end as kind, '' as arguments
      from listed l
      join pg_catalog.pg_class c on c.relnamespace = l.oid and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and not c.relispartition
    union all
    select t.oid, 'pg_catalog.pg_type'::pg_catalog.regclass, l.nspname, l.is_dropped, t.typname,
           case t.typtype when 'd' then 'domain' else 'type' end, ''
      from listed l
      join pg_catalog.pg_type t on t.typnamespace = l.oid
      left join pg_catalog.pg_class c on c.oid = t.typrelid
     where t.typtype in ('b', 'c', 'd', 'e', 'r') and t.typelem = 0 and (c.relkind is null or c.relkind = 'c')
    union all
    select p.oid, 'pg_catalog.pg_proc'::pg_catalog.regclass, l.nspname, l.is_dropped, p.proname,
           case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
           pg_catalog.format('(%s)', pg_catalog.pg_get_function_identity_arguments(p.oid))
      from listed l
      join pg_catalog.pg_proc p on p.pronamespace = l.oid
    union all
    select o.oid, 'pg_catalog.pg_collation'::pg_catalog.regclass, l.nspname, l.is_dropped, o.collname, 'collation', ''
      from listed l
      join pg_catalog.pg_collation o on o.collnamespace = l.oid
    union all
    select s.oid, 'pg_catalog.pg_ts_config'::pg_catalog.regclass, l.nspname, l.is_dropped, s.cfgname, 'text search configuration', ''
      from listed l
      join pg_catalog.pg_ts_config s on s.cfgnamespace = l.oid)
select 'schema', l.nspname, pg_catalog.format('drop schema %I cascade', l.nspname)
  from listed l
 where l.is_dropped
union all
select o.kind, o.nspname || '.' || o.name || o.arguments,
       case when not o.is_dropped
            then pg_catalog.format('drop %s if exists %I.%I%s cascade', o.kind, o.nspname, o.name, o.arguments) end
  from objects o
 where not exists (
        select from pg_catalog.pg_depend d
         where d.classid = o.class and d.objid = o.oid and d.deptype in ('e', 'i', 'a')
           -- A partitioned table depends on its own columns.
           and (d.deptype = 'e' or d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> o.oid))
 order by 1, 2
