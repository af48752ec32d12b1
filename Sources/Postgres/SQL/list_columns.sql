-- The columns of tables, in the tables' own order.
-- $1: table oids, text[]
select a.attrelid::text,
       a.attname,
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       a.attnotnull,
       a.attgenerated <> '',
       a.attidentity = 'a',
       -- What a domain is made of, without a length.
       (with recursive up(typtype, base) as (
               select d.typtype, d.typbasetype from pg_catalog.pg_type d where d.oid = a.atttypid
               union all
               select d.typtype, d.typbasetype from up join pg_catalog.pg_type d on d.oid = up.base)
        select pg_catalog.format_type(t.oid, -1) from pg_catalog.pg_type t
         where t.oid = (select up.base from up join pg_catalog.pg_type b on b.oid = up.base
                         where up.typtype = 'd' and b.typtype <> 'd'))
  from pg_catalog.pg_attribute a
 where a.attrelid = any ($1::text[]::oid[])
   and a.attnum > 0
   and not a.attisdropped
 order by a.attrelid, a.attnum
