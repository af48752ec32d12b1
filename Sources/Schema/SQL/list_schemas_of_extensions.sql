-- The schemas of extensions that were not listed. pg_dump writes CREATE EXTENSION with its schema for each extension, but not the
-- schema itself if only other schemas were asked for.
-- $1: the schemas that were listed, text[]
select distinct n.nspname
  from pg_catalog.pg_extension e
  join pg_catalog.pg_namespace n on n.oid = e.extnamespace
 where n.nspname <> all ($1::text[])
   and n.nspname <> 'public'
   and n.nspname !~ '^pg_'
   -- An extension creates its own schema.
   and not exists (select from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_namespace'::regclass and d.objid = n.oid and d.deptype = 'e')
 order by 1
