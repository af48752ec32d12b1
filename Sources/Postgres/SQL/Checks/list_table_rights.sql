-- The rights of this role on the logged tables and partitions of the schemas: whether it may read each and is its owner, and who owns it.
-- $1: schemas, text[]
select n.nspname, c.relname, has_table_privilege(c.oid, 'select'), pg_catalog.pg_has_role(c.relowner, 'usage'),
       pg_catalog.pg_get_userbyid(c.relowner)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = any ($1::text[]) and c.relkind in ('r', 'p') and c.relpersistence = 'p'
