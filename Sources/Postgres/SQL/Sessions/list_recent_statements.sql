-- The last statement of each session of others in this database, if it began lately or still runs.
-- $1: the prefix of our own application names   $2: seconds since 1970
select pid::text, coalesce(usename, ''), coalesce(application_name, ''),
       extract(epoch from backend_start)::text, state, extract(epoch from query_start)::text,
       pg_catalog.left(query, 2000)
  from pg_catalog.pg_stat_activity
 where datname = current_database()
   and pid <> pg_catalog.pg_backend_pid()
   and application_name not like $1 || '%'
   and usesysid is not null
   and query_start is not null
   and (query_start >= to_timestamp($2::float8) or state = 'active')
 order by query_start desc
 limit 500
