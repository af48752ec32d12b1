-- The triggers and rules of tables and their partitions that fire for replicated rows, and the event triggers that fire for our DDL
-- and that the role may not disable.
-- $1: tables, text[], quoted
with recursive tree(root, relid) as (
    select r.oid, r.oid
      from unnest($1::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union all
    select t.root, i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition)
select found.kind, n.nspname, c.relname, found.name, found.enabled
  from tree t
  join pg_catalog.pg_class c on c.oid = t.relid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join (select 'trigger' as kind, tgrelid as relid, tgname as name, tgenabled as enabled
          from pg_catalog.pg_trigger
         where tgenabled in ('A', 'R') and not tgisinternal
         union all
        select 'rule', ev_class, rulename, ev_enabled
          from pg_catalog.pg_rewrite
         where ev_enabled in ('A', 'R') and ev_type <> '1') found on found.relid = t.relid
union all
select 'event trigger', null, null, evtname, evtenabled
  from pg_catalog.pg_event_trigger
 where evtenabled in ('A', 'R') and not pg_catalog.pg_has_role(evtowner, 'usage')
 order by 1, 2, 3, 4
