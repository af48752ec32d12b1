-- What distinguishes this database from one of the same name that was there before, or is on another server.
select d.oid::text || '@' || s.system_identifier
  from pg_catalog.pg_database d, pg_catalog.pg_control_system() s
 where d.datname = pg_catalog.current_database()
