-- Ends the role's other sessions of this name in this database, and lists those that are still there.
-- $1: the application name
select pid::text, case when usename = current_user then pg_catalog.pg_terminate_backend(pid) end
  from pg_catalog.pg_stat_activity
 where application_name = $1 and datname = current_database() and pid <> pg_catalog.pg_backend_pid()
