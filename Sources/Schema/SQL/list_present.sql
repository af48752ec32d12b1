-- What is in this database and may be the work of an import, a row for each: its kind, and its name with schema and table. The
-- names are without quotes, as the import's own.
select 'schema', n.nspname::text from pg_catalog.pg_namespace n
union all
select 'extension', e.extname::text from pg_catalog.pg_extension e
union all
select 'relation', n.nspname || '.' || c.relname
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind <> 't' and n.nspname <> 'pg_catalog'
union all
select 'type', n.nspname || '.' || t.typname
  from pg_catalog.pg_type t
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
 where n.nspname <> 'pg_catalog'
union all
select 'routine', n.nspname || '.' || p.proname
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
 where n.nspname <> 'pg_catalog'
union all
select 'constraint', n.nspname || '.' || coalesce(c.relname, t.typname) || '.' || k.conname
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_namespace n on n.oid = k.connamespace
  left join pg_catalog.pg_class c on c.oid = k.conrelid
  left join pg_catalog.pg_type t on t.oid = k.contypid
union all
select 'trigger', n.nspname || '.' || c.relname || '.' || g.tgname
  from pg_catalog.pg_trigger g
  join pg_catalog.pg_class c on c.oid = g.tgrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where not g.tgisinternal
union all
select 'rule', n.nspname || '.' || c.relname || '.' || w.rulename
  from pg_catalog.pg_rewrite w
  join pg_catalog.pg_class c on c.oid = w.ev_class
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
union all
select 'policy', n.nspname || '.' || c.relname || '.' || y.polname
  from pg_catalog.pg_policy y
  join pg_catalog.pg_class c on c.oid = y.polrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
union all
select 'statistics', n.nspname || '.' || s.stxname
  from pg_catalog.pg_statistic_ext s
  join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
