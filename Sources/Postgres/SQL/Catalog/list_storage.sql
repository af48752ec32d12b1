-- Where the rows of tables are stored: a row for each table and for each of its partitions, with its OID, the
-- number of its file, the numbers of its columns, how the publication lists it, and the labels of the enums
-- that it uses, which can be renamed. DDL that changes rows without the log changes one of them.
-- $1: tables, text[], quoted   $2: the publication
with recursive tree(root, relid) as (
    select r.oid, r.oid
      from unnest($1::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union all
    select t.root, i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition),
used(relid, typid) as (
    select t.relid, a.atttypid
      from tree t
      join pg_catalog.pg_attribute a on a.attrelid = t.relid and a.attnum > 0 and not a.attisdropped
     union
    select u.relid, part.typid
      from used u
      join pg_catalog.pg_type y on y.oid = u.typid
     cross join lateral (select y.typelem
                          union all
                         select y.typbasetype
                          union all
                         select g.rngsubtype from pg_catalog.pg_range g where g.rngtypid = y.oid
                          union all
                         select a.atttypid
                           from pg_catalog.pg_attribute a
                          where a.attrelid = y.typrelid and a.attnum > 0 and not a.attisdropped) part(typid)
     where part.typid <> 0)
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
         where m.prrelid = c.oid and p.pubname = $2),
       (select string_agg(e.oid || ' ' || e.enumlabel, ',' order by e.oid)
          from used u
          join pg_catalog.pg_enum e on e.enumtypid = u.typid
         where u.relid = c.oid)
  from tree t
  join pg_catalog.pg_class r on r.oid = t.root
  join pg_catalog.pg_namespace n on n.oid = r.relnamespace
  join pg_catalog.pg_class c on c.oid = t.relid
 order by 1, 2, c.oid
