-- The tables of which the publication does not publish all kinds of changes, where it lists a partitioned table's leaves in
-- place of the root: those with a leaf that it does not list. Servers before 14 lack the column inhdetachpending, and those
-- before 11 the one for truncates: there the names find constants.
-- $1: the publication   $2: tables, text[], quoted
with recursive tree(root, relid) as (
    select c.oid, c.oid
      from unnest($2::text[]) name
      join pg_catalog.pg_class c on c.oid = pg_catalog.to_regclass(name)
     union all
    select t.root, i.inhrelid
      from tree t
     cross join (select false as inhdetachpending) before_14
     cross join lateral (select inhrelid, inhdetachpending from pg_catalog.pg_inherits where inhparent = t.relid) i
      join pg_catalog.pg_class l on l.oid = i.inhrelid and l.relispartition
     where not i.inhdetachpending)
select distinct n.nspname, c.relname
  from tree t
  join pg_catalog.pg_class l on l.oid = t.relid and l.relkind = 'r' and l.relpersistence = 'p'
  join pg_catalog.pg_class c on c.oid = t.root
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where not exists (
       select
         from (select true as pubtruncate) before_11
        cross join lateral (select oid, pubinsert and pubupdate and pubdelete and pubtruncate as is_whole
                              from pg_catalog.pg_publication
                             where pubname = $1) p
         join pg_catalog.pg_publication_rel r on r.prpubid = p.oid
        where r.prrelid = l.oid and p.is_whole)
 order by 1, 2
