-- Triggers and rules that fire for rows a replica session writes (ENABLE ALWAYS, ENABLE REPLICA), with the statement that has
-- each fire for the application's own rows only.
-- $1: schemas, text[]
select pg_catalog.format('trigger %I on %I.%I', t.tgname, n.nspname, c.relname),
       pg_catalog.format('alter table %I.%I enable trigger %I', n.nspname, c.relname, t.tgname)
  from pg_catalog.pg_trigger t
  join pg_catalog.pg_class c on c.oid = t.tgrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = any ($1::pg_catalog.text[])
   and not t.tgisinternal
   and t.tgenabled in ('A', 'R')
union all
select pg_catalog.format('rule %I on %I.%I', r.rulename, n.nspname, c.relname),
       pg_catalog.format('alter table %I.%I enable rule %I', n.nspname, c.relname, r.rulename)
  from pg_catalog.pg_rewrite r
  join pg_catalog.pg_class c on c.oid = r.ev_class
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = any ($1::pg_catalog.text[])
   and c.relkind in ('r', 'p')
   and r.ev_enabled in ('A', 'R')
 order by 1
