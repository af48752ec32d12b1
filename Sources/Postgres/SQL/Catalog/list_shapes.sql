-- The columns of the tables to migrate, with the OIDs and names of their types. The name is as in a relation
-- message: a domain has the name of its base type, a system type has no schema.
-- $1: schemas, text[]
with recursive tree(root, relid) as (
    select c.oid, i.inhrelid
      from pg_catalog.pg_class c
      join pg_catalog.pg_inherits i on i.inhparent = c.oid
     where c.relkind = 'p' and not c.relispartition
     union all
    select t.root, i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid)
select n.nspname,
       c.relname,
       a.attname,
       a.atttypid::text,
       a.atttypmod::text,
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       case when tn.nspname = 'pg_catalog' then '' else tn.nspname end || '.' || t.typname,
       a.attgenerated <> '',
       coalesce(a.attnum = any ((i.indkey::int2[])[0:coalesce(i.indnkeyatts, i.indnatts) - 1]), false),
       coalesce(p.parts, 0)::text
  -- Servers before 11 and 12 lack these columns: there the names below find these constants.
  from (select ''::"char" as attgenerated, null::int2 as indnkeyatts) before_12
 cross join pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  -- Number of leaves: a row that fits no partition is retried when there is another one.
  left join (select tree.root, count(*)
               from tree
               join pg_catalog.pg_class l on l.oid = tree.relid and l.relkind <> 'p'
              group by 1) p(root, parts) on p.root = c.oid
  -- A table may have no columns.
  left join lateral (select attnum, attname, atttypid, atttypmod, attgenerated
                       from pg_catalog.pg_attribute
                      where attrelid = c.oid and attnum > 0 and not attisdropped) a on true
  left join pg_catalog.pg_type t
    on t.oid = (with recursive up(oid, base) as (
                       select y.oid, y.typbasetype from pg_catalog.pg_type y where y.oid = a.atttypid
                       union all
                       select y.oid, y.typbasetype from up join pg_catalog.pg_type y on y.oid = up.base)
                select up.oid from up where up.base = 0)
  left join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
  left join lateral (select indkey, indnatts, indnkeyatts
                       from pg_catalog.pg_index
                      where indrelid = c.oid and indisprimary) i on true
 where n.nspname = any ($1::text[])
   and c.relkind in ('r', 'p')
   and not c.relispartition
   and c.relpersistence = 'p'
 order by 1, 2, a.attnum
