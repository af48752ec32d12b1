-- Ends the role's other sessions of this name in this database, and lists those that have not ended. Sessions
-- of other roles belong to nobody here: they are neither ended nor awaited.
-- $1: the application name
select pid::text, pg_catalog.pg_terminate_backend(pid)
  from pg_catalog.pg_stat_activity
 where application_name = $1 and datname = current_database() and usename = current_user and pid <> pg_catalog.pg_backend_pid()
