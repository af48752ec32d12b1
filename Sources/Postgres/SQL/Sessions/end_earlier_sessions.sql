-- Ends the role's other sessions of this name in this database, and lists those that are still there. Sessions of other roles are
-- not this migration's to end, nor to wait for.
-- $1: the application name
select pid::text, pg_catalog.pg_terminate_backend(pid)
  from pg_catalog.pg_stat_activity
 where application_name = $1 and datname = current_database() and usename = current_user and pid <> pg_catalog.pg_backend_pid()
