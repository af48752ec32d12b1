-- The tables of which the publication does not publish all kinds of changes. A server before 11 lacks the column for truncates; its
-- name then means the value given before it.
-- $1: the publication   $2: tables, text[], quoted
select n.nspname, c.relname
  from unnest($2::text[]) name
  join pg_catalog.pg_class c on c.oid = pg_catalog.to_regclass(name)
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where not exists (
       select
         from (select true as pubtruncate) before_11
        cross join lateral (select oid, pubinsert and pubupdate and pubdelete and pubtruncate as is_whole
                              from pg_catalog.pg_publication
                             where pubname = $1) p
         join pg_catalog.pg_publication_rel r on r.prpubid = p.oid
        where r.prrelid = c.oid and p.is_whole)
 order by 1, 2
