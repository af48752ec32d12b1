-- Ends the client sessions of this database that are not ours and began before the fence. Counts the sessions
-- whose start the role may not see.
-- $1: the prefix of our own application names   $2: when the fence was closed, in seconds since 1970
select count(*) filter (where case when backend_type = 'client backend' and backend_start < to_timestamp($2::float8)
                                   then pg_catalog.pg_terminate_backend(pid) end),
       count(*) filter (where backend_type is null)
  from pg_catalog.pg_stat_activity
 where datname = current_database()
   and pid <> pg_catalog.pg_backend_pid()
   and application_name not like $1 || '%'
   and usesysid is not null
