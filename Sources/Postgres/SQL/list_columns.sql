-- The columns of tables, in the tables' own order.
-- $1: table oids, text[]
select a.attrelid::text,
       a.attname,
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       a.attnotnull,
       a.attgenerated <> '',
       a.attidentity = 'a'
  from pg_catalog.pg_attribute a
 where a.attrelid = any ($1::text[]::oid[])
   and a.attnum > 0
   and not a.attisdropped
 order by a.attrelid, a.attnum
