-- Cancels the statement of a session, or ends the session, if it is still the one that was seen. No row if it
-- is gone, is in another database, or is ours.
-- $1: process ID   $2: its start, seconds since 1970   $3: cancel or terminate   $4: the prefix of our names
select case $3 when 'cancel' then pg_catalog.pg_cancel_backend(pid)
               else pg_catalog.pg_terminate_backend(pid) end::text
  from pg_catalog.pg_stat_activity
 where pid = $1::int
   and extract(epoch from backend_start)::text = $2
   and datname = current_database()
   and application_name not like $4 || '%'
