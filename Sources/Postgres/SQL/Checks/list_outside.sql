-- The objects outside the migration that depend on its tables, or on which its tables depend: one row for each, with kind, name and
-- detail.
-- $1: schemas, text[]
-- $2: the tables to migrate, text[], quoted
with recursive tree(root, relid) as (
    select r.oid, r.oid
      from unnest($2::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union all
    select t.root, i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition),
own as (
    select oid from pg_catalog.pg_namespace where nspname = any ($1::text[])),
of_extension as (
    select classid, objid from pg_catalog.pg_depend where deptype = 'e'),
relation as (
    select c.oid, c.relkind, c.relispartition, c.relnamespace, pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
           c.oid in (select relid from tree) as is_migrated, c.relnamespace in (select oid from own) as is_own
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S')
       and n.nspname not in ('pg_catalog', 'information_schema')),
-- The types in other schemas. An array type is in the schema of its element type, and a domain in its own.
type as (
    select t.oid, pg_catalog.format_type(t.oid, null) as name
      from pg_catalog.pg_type t
      join pg_catalog.pg_namespace n on n.oid = t.typnamespace
     where n.nspname not in ('pg_catalog', 'information_schema')
       and t.typnamespace not in (select oid from own)
       and not exists (select from of_extension e
                        where e.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
                          and e.objid in (t.oid, t.typelem)))
select kind, name, detail
  from (select distinct 'foreign key to a table outside' as kind, r.name, f.name as detail
          from pg_catalog.pg_constraint c
          join relation r on r.oid = c.conrelid and r.is_migrated and not r.relispartition
          join relation f on f.oid = c.confrelid and not f.is_migrated and not f.relispartition
         where c.contype = 'f'
         union all
        select distinct 'foreign key from a table outside', f.name, r.name
          from pg_catalog.pg_constraint c
          join relation r on r.oid = c.confrelid and r.is_migrated and not r.relispartition
          join relation f on f.oid = c.conrelid and not f.is_migrated and not f.relispartition
         where c.contype = 'f'
         union all
        select 'inheriting table outside', c.name, p.name
          from pg_catalog.pg_inherits i
          join relation p on p.oid = i.inhparent and p.is_migrated
          join relation c on c.oid = i.inhrelid and not c.is_migrated
         union all
        select 'inherited table outside', p.name, c.name
          from pg_catalog.pg_inherits i
          join relation p on p.oid = i.inhparent and not p.is_migrated
          join relation c on c.oid = i.inhrelid and c.is_migrated
         union all
        select 'partition in another schema', r.name, root.name
          from tree t
          join relation r on r.oid = t.relid and not r.is_own
          join relation root on root.oid = t.root
         where t.relid <> t.root
         union all
        select distinct 'view outside', v.name, r.name
          from pg_catalog.pg_depend d
          join pg_catalog.pg_rewrite w on w.oid = d.objid
          join relation v on v.oid = w.ev_class and not v.is_own and v.relkind in ('v', 'm')
          join relation r on r.oid = d.refobjid and r.is_migrated
         where d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
           and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
         union all
        select distinct 'type in another schema', t.name, r.name
          from pg_catalog.pg_attribute a
          join relation r on r.oid = a.attrelid and r.is_migrated and not r.relispartition
          join type t on t.oid = a.atttypid
         where a.attnum > 0 and not a.attisdropped
         union all
        select distinct 'function in another schema', pg_catalog.format('%I.%I', n.nspname, p.proname), r.name
          from pg_catalog.pg_depend d
          join (select 'pg_catalog.pg_attrdef'::pg_catalog.regclass as class, oid, adrelid as relid from pg_catalog.pg_attrdef
                 union all
                select 'pg_catalog.pg_trigger'::pg_catalog.regclass, oid, tgrelid from pg_catalog.pg_trigger
                 where not tgisinternal) user_of on user_of.class = d.classid and user_of.oid = d.objid
          join relation r on r.oid = user_of.relid and r.is_migrated and not r.relispartition
          join pg_catalog.pg_proc p on p.oid = d.refobjid
          join pg_catalog.pg_namespace n on n.oid = p.pronamespace
         where d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
           and n.nspname <> 'pg_catalog'
           and p.pronamespace not in (select oid from own)
           and not exists (select from of_extension e
                            where e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and e.objid = p.oid)
         union all
        select 'column that may name a large object', r.name || '.' || pg_catalog.quote_ident(a.attname),
               pg_catalog.format_type(a.atttypid, null)
          from pg_catalog.pg_attribute a
          join relation r on r.oid = a.attrelid and r.is_migrated and not r.relispartition
          join pg_catalog.pg_type t on t.oid = a.atttypid
         where a.attnum > 0 and not a.attisdropped
           and (t.oid = 'pg_catalog.oid'::pg_catalog.regtype or t.typname = 'lo')
           and exists (select from pg_catalog.pg_largeobject_metadata)
       ) found
 order by 1, 2, 3
