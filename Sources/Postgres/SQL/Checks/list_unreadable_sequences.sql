-- The sequences whose state the role may not read, as one list of quoted names.
-- $1: sequences, text[], quoted
select string_agg(format('%I.%I', n.nspname, c.relname), ', ' order by n.nspname, c.relname)
  from unnest($1::text[]) name
  join pg_catalog.pg_class c on c.oid = pg_catalog.to_regclass(name) and c.relkind = 'S'
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where case when c.relkind = 'S' then not pg_catalog.has_sequence_privilege(c.oid, 'select') end
