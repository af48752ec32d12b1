-- The foreign keys of tables and their partitions, and those that refer to them, that are checked in an ordinary session. Each has a row
-- for its own table, and one for each partition of that table; the partitions' rows follow. The definitions name other tables with
-- their schema if the search_path has none.
-- $1: tables, text[], quoted
with recursive tree(relid) as (
    select r.oid
      from unnest($1::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union
    select i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition),
-- A server before 11 has no conparentid.
keys as (
    select k.oid, k.conrelid, k.confrelid, coalesce((pg_catalog.to_jsonb(k) ->> 'conparentid')::oid, 0) as parent
      from pg_catalog.pg_constraint k
     where k.contype = 'f'),
family(top, oid, conrelid, depth, refers) as (
    select k.oid, k.oid, k.conrelid, 0, false
      from keys k
     where k.parent = 0 and (k.conrelid in (select relid from tree) or k.confrelid in (select relid from tree))
     union all
    -- One of the same table stands for a partition of the table that is referred to.
    select f.top, k.oid, k.conrelid, f.depth + 1, f.refers or k.conrelid = f.conrelid
      from family f
      join keys k on k.parent = f.oid)
select f.top::text, n.nspname, c.relname, k.conname, pg_catalog.pg_get_constraintdef(k.oid), k.convalidated, c.relkind = 'p',
       r.relkind = 'p', pg_catalog.format('%I.%I', m.nspname, r.relname), pg_catalog.obj_description(k.oid, 'pg_constraint'),
       pg_catalog.pg_has_role(c.relowner, 'usage'), f.conrelid in (select relid from tree)
  from family f
  join pg_catalog.pg_constraint k on k.oid = f.oid
  join pg_catalog.pg_class c on c.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_class r on r.oid = k.confrelid
  join pg_catalog.pg_namespace m on m.oid = r.relnamespace
 where not f.refers
   and exists (select
                 from family g
                 join pg_catalog.pg_trigger t on t.tgconstraint = g.oid
                where g.top = f.top and t.tgisinternal and t.tgenabled in ('O', 'A'))
 order by (select top.conrelid from pg_catalog.pg_constraint top where top.oid = f.top), f.top, f.depth, 2, 3
