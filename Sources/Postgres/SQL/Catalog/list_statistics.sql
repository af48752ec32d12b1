-- The statistics of tables without a primary key, whose rows have to be found by other columns. A column has
-- neither common values nor a histogram if all its values are too wide for them (server file analyze.c,
-- WIDTH_THRESHOLD); its average width is then that of a pointer.
-- $1: schemas, text[]
select n.nspname,
       c.relname,
       a.attnum::text,
       s.avg_width::text,
       s.n_distinct::text,
       s.null_frac < 1 and s.most_common_vals is null and s.histogram_bounds is null
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_stats s
    on s.schemaname = n.nspname and s.tablename = c.relname and s.attname = a.attname and s.inherited = (c.relkind = 'p')
 where n.nspname = any ($1::text[])
   and c.relkind in ('r', 'p')
   and not c.relispartition
   and c.relpersistence = 'p'
   and not exists (select from pg_catalog.pg_index i where i.indrelid = c.oid and i.indisprimary)
