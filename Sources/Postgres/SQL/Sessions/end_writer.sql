-- Ends a session. No row if it is gone, or if it is a superuser's and our role is none: the server would refuse that.
-- $1: process ID
select pg_catalog.pg_terminate_backend(a.pid)
  from pg_catalog.pg_stat_activity a
  join pg_catalog.pg_roles r on r.oid = a.usesysid
  join pg_catalog.pg_roles u on u.rolname = current_user
 where a.pid = $1::int
   and (u.rolsuper or not r.rolsuper)
