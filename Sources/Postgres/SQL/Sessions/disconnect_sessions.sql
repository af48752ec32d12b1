-- Ends the client sessions of this database that are not ours and began before the fence. Counts the sessions
-- whose start the role may not see, and those of superusers, which only a superuser ends.
-- $1: the prefix of our own application names   $2: when the fence was closed, in seconds since 1970
select count(*) filter (where case when a.backend_type = 'client backend'
                                    and a.backend_start < to_timestamp($2::float8)
                                    and (u.rolsuper or not r.rolsuper)
                                   then pg_catalog.pg_terminate_backend(a.pid) end),
       count(*) filter (where a.backend_type is null and (u.rolsuper or not r.rolsuper)),
       count(*) filter (where coalesce(a.backend_type, 'client backend') = 'client backend'
                          and coalesce(a.backend_start < to_timestamp($2::float8), true)
                          and r.rolsuper and not u.rolsuper)
  from pg_catalog.pg_stat_activity a
  join pg_catalog.pg_roles r on r.oid = a.usesysid
  join pg_catalog.pg_roles u on u.rolname = current_user
 where a.datname = current_database()
   and a.pid <> pg_catalog.pg_backend_pid()
   and a.application_name not like $1 || '%'
