-- The tables that hold the rows of each partitioned root, with their sizes.
-- $1: oids of the tables, text[]
select t.root::text, n.nspname, c.relname, pg_catalog.pg_relation_size(c.oid), greatest(c.reltuples, 0)::bigint
  from (select unnest($1::text[]::oid[]) root) t
 cross join lateral (select relid from pg_catalog.pg_partition_tree(t.root) where isleaf
                     union select t.root where not exists (select from pg_catalog.pg_partition_tree(t.root))) p
  join pg_catalog.pg_class c on c.oid = p.relid and c.relkind = 'r'
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 order by 1, 2, 3
