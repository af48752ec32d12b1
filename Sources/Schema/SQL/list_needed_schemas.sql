-- The schemas without which the listed ones are not whole: those of what their objects need, of what that needs, and of the
-- partitions of their tables. One row for each, with an example of what needs it. Schemas of extensions' objects are left out.
-- $1: the schemas that were listed, text[]
with recursive system as (
    select oid from pg_catalog.pg_namespace
     where nspname ~ '^pg_' or nspname in ('information_schema', 'ybvoyager_metadata')),
object as (
    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid as class, oid, relnamespace as schema, relname::text as name
      from pg_catalog.pg_class
    union all
    select 'pg_catalog.pg_type'::pg_catalog.regclass, oid, typnamespace, typname from pg_catalog.pg_type
    union all
    select 'pg_catalog.pg_proc'::pg_catalog.regclass, oid, pronamespace, proname from pg_catalog.pg_proc
    union all
    select 'pg_catalog.pg_operator'::pg_catalog.regclass, oid, oprnamespace, oprname from pg_catalog.pg_operator
    union all
    select 'pg_catalog.pg_collation'::pg_catalog.regclass, oid, collnamespace, collname from pg_catalog.pg_collation
    union all
    select 'pg_catalog.pg_ts_config'::pg_catalog.regclass, oid, cfgnamespace, cfgname from pg_catalog.pg_ts_config
    union all
    select 'pg_catalog.pg_constraint'::pg_catalog.regclass, oid, connamespace, conname from pg_catalog.pg_constraint
    union all
    select 'pg_catalog.pg_attrdef'::pg_catalog.regclass, a.oid, c.relnamespace, c.relname
      from pg_catalog.pg_attrdef a join pg_catalog.pg_class c on c.oid = a.adrelid
    union all
    select 'pg_catalog.pg_trigger'::pg_catalog.regclass, g.oid, c.relnamespace, c.relname
      from pg_catalog.pg_trigger g join pg_catalog.pg_class c on c.oid = g.tgrelid
    union all
    select 'pg_catalog.pg_rewrite'::pg_catalog.regclass, r.oid, c.relnamespace, c.relname
      from pg_catalog.pg_rewrite r join pg_catalog.pg_class c on c.oid = r.ev_class),
need as (
    select o.schema, r.schema as needed, pg_catalog.min(o.name || ' needs ' || r.name) collate "C" as example
      from pg_catalog.pg_depend d
      join object o on o.class = d.classid and o.oid = d.objid
      join object r on r.class = d.refclassid and r.oid = d.refobjid and r.schema <> o.schema
     where d.deptype in ('n', 'a', 'i')
       and not exists (
            select from pg_catalog.pg_depend e
             where e.classid = d.refclassid and e.objid = d.refobjid and e.deptype = 'e')
     group by o.schema, r.schema
    union all
    select p.relnamespace, c.relnamespace, pg_catalog.min(c.relname || ' is a partition of ' || p.relname) collate "C"
      from pg_catalog.pg_inherits i
      join pg_catalog.pg_class p on p.oid = i.inhparent
      join pg_catalog.pg_class c on c.oid = i.inhrelid and c.relispartition and c.relnamespace <> p.relnamespace
     group by p.relnamespace, c.relnamespace),
whole (schema, example) as (
    select oid, null::text collate "C" from pg_catalog.pg_namespace where nspname = any ($1::text[])
    union
    select n.needed, n.example
      from whole w
      join need n on n.schema = w.schema and n.needed not in (select oid from system))
select n.nspname, pg_catalog.min(w.example)
  from whole w
  join pg_catalog.pg_namespace n on n.oid = w.schema
 where n.nspname <> all ($1::text[])
 group by n.nspname
 order by n.nspname
