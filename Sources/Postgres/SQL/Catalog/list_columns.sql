-- The columns of tables, in the tables' own order.
-- $1: table oids, text[]
select a.attrelid::text,
       a.attname,
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       a.attnotnull,
       a.attgenerated <> '',
       a.attidentity = 'a'
  -- Servers before 12 lack the column: there the name below finds this constant.
  from (select ''::"char" as attgenerated) before_12
 cross join lateral (select attrelid, attnum, attname, atttypid, atttypmod, attnotnull, attidentity, attgenerated
                       from pg_catalog.pg_attribute
                      where attrelid = any ($1::text[]::oid[]) and attnum > 0 and not attisdropped) a
 order by a.attrelid, a.attnum
