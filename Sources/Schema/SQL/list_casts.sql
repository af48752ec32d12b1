-- The casts that belong to schemas, by their types or their function, as pg_dump writes them. pg_dump leaves casts out when
-- schemas are listed, because a cast is in none.
-- $1: the schemas that were listed, text[]
select pg_catalog.format('CAST (%s AS %s)', pg_catalog.format_type(c.castsource, null), pg_catalog.format_type(c.casttarget, null)),
       pg_catalog.format('CREATE CAST (%s AS %s) %s%s', pg_catalog.format_type(c.castsource, null),
                         pg_catalog.format_type(c.casttarget, null),
                         case c.castmethod when 'f' then 'WITH FUNCTION ' || c.castfunc::pg_catalog.regprocedure::text
                                           when 'i' then 'WITH INOUT'
                                           else 'WITHOUT FUNCTION' end,
                         case c.castcontext when 'a' then ' AS ASSIGNMENT' when 'i' then ' AS IMPLICIT' else '' end)
  from pg_catalog.pg_cast c
  join pg_catalog.pg_type s on s.oid = c.castsource
  join pg_catalog.pg_type t on t.oid = c.casttarget
  left join pg_catalog.pg_proc p on p.oid = c.castfunc
 where exists (select from pg_catalog.pg_namespace n
                where n.nspname = any ($1::text[]) and n.oid in (s.typnamespace, t.typnamespace, p.pronamespace))
   -- An extension creates its own casts, and a range type the one to its multirange.
   and not exists (select from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass and d.objid = c.oid and d.deptype in ('e', 'i'))
 order by 1
