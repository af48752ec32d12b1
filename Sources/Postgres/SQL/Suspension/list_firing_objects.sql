-- The triggers and rules of tables and their partitions that fire for the rows of an ordinary session: the kind, the table, the name,
-- when it fires (O: ordinary sessions, A: always), and whether the role may alter the table.
-- $1: tables, text[], quoted   $2: the name of a trigger that is none of the application's
with recursive tree(relid) as (
    select r.oid
      from unnest($1::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union
    select i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition)
select found.kind, n.nspname, c.relname, found.name, found.fires, pg_catalog.pg_has_role(c.relowner, 'usage')
  from tree t
  join pg_catalog.pg_class c on c.oid = t.relid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join (select 'trigger' as kind, tgrelid as relid, tgname as name, tgenabled as fires
          from pg_catalog.pg_trigger
         where not tgisinternal and tgname <> $2
         union all
        select 'rule', ev_class, rulename, ev_enabled
          from pg_catalog.pg_rewrite
         where ev_type <> '1') found on found.relid = t.relid
 where found.fires in ('O', 'A')
 order by 2, 3, 1, 4
