-- Sets parameters of this session to the values that the database has for all roles, if it has any.
-- $1: names of the parameters in small letters, text[]
select pg_catalog.count(pg_catalog.set_config(e.name, e.value, false))
  from pg_catalog.pg_db_role_setting s
  join pg_catalog.pg_database d on d.oid = s.setdatabase and d.datname = pg_catalog.current_database()
 cross join lateral pg_catalog.unnest(s.setconfig) c(entry)
 cross join lateral (select pg_catalog.split_part(c.entry, '=', 1),
                            pg_catalog.substr(c.entry, pg_catalog.strpos(c.entry, '=') + 1)) e(name, value)
 where s.setrole = 0 and pg_catalog.lower(e.name) = any ($1::pg_catalog.text[])
