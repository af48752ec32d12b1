-- The tables of which row-level security hides rows from this role.
-- $1: tables, text[], quoted
select distinct n.nspname, c.relname
  from unnest($1::text[]) name
  join pg_catalog.pg_class c on c.oid = pg_catalog.to_regclass(name)
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where pg_catalog.row_security_active(c.oid)
 order by 1, 2
