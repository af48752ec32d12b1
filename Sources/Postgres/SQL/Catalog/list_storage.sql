-- Where the rows of tables are stored: a row for each table and for each of its partitions, with its OID, the
-- number of its file, the numbers of its columns, and how the publication lists it. DDL that changes rows
-- without the log changes one of them.
-- $1: tables, text[], quoted   $2: the publication
with recursive tree(root, relid) as (
    select r.oid, r.oid
      from unnest($1::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union all
    select t.root, i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition)
select n.nspname,
       r.relname,
       c.oid::text,
       c.relfilenode::text,
       (select string_agg(a.attnum || ' ' || a.attname, ',' order by a.attnum)
          from pg_catalog.pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
       (select string_agg(m.oid::text, ',' order by m.oid)
          from pg_catalog.pg_publication_rel m
          join pg_catalog.pg_publication p on p.oid = m.prpubid
         where m.prrelid = c.oid and p.pubname = $2)
  from tree t
  join pg_catalog.pg_class r on r.oid = t.root
  join pg_catalog.pg_namespace n on n.oid = r.relnamespace
  join pg_catalog.pg_class c on c.oid = t.relid
 order by 1, 2, c.oid
