-- Whether an index is whole, and its definition. A build that failed or was cut off leaves one that is not.
-- $1: the index, quoted
select i.indisvalid and i.indisready and i.indislive, pg_catalog.pg_get_indexdef(i.indexrelid)
  from pg_catalog.pg_index i
 where i.indexrelid = pg_catalog.to_regclass($1)
