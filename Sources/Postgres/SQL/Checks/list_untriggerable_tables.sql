-- The tables and partitions on which the role may create no trigger, as one list of quoted names.
-- $1: tables, text[], quoted
with recursive tree(relid) as (
    select r.oid
      from unnest($1::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union all
    select i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition)
select string_agg(format('%I.%I', n.nspname, c.relname), ', ' order by n.nspname, c.relname)
  from tree t
  join pg_catalog.pg_class c on c.oid = t.relid and c.relkind in ('r', 'p')
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where not pg_catalog.has_table_privilege(c.oid, 'trigger')
