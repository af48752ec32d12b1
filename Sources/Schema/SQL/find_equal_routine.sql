-- The routine of a name whose arguments have the types of another routine's.
-- $1: the other routine's name in the schema of temporary objects   $2: schema   $3: name
select p.oid::text, o.oid::text
  from pg_catalog.pg_proc o
  left join pg_catalog.pg_proc p
    on p.proargtypes = o.proargtypes and p.proname = $3
   and p.pronamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = $2)
 where o.proname = $1 and o.pronamespace = pg_catalog.pg_my_temp_schema()
