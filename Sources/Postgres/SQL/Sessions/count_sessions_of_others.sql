-- Counts the sessions of this database that the role may not end without the right to signal: those of roles
-- whose rights it does not have, and those of superusers.
-- $1: the prefix of our own application names
select count(*) filter (where not r.rolsuper and not pg_catalog.pg_has_role(r.oid, 'usage')),
       count(*) filter (where r.rolsuper)
  from pg_catalog.pg_stat_activity a
  join pg_catalog.pg_roles r on r.oid = a.usesysid
  join pg_catalog.pg_roles u on u.rolname = current_user and not u.rolsuper
 where a.datname = current_database()
   and a.pid <> pg_catalog.pg_backend_pid()
   and coalesce(a.backend_type, 'client backend') = 'client backend'
   and a.application_name not like $1 || '%'
