-- The tables that the role does not own, as one list of quoted names.
-- $1: tables, text[], quoted
select string_agg(format('%I.%I', n.nspname, c.relname), ', ' order by n.nspname, c.relname)
  from unnest($1::text[]) name
  join pg_catalog.pg_class c on c.oid = pg_catalog.to_regclass(name)
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where not pg_catalog.pg_has_role(c.relowner, 'usage')
