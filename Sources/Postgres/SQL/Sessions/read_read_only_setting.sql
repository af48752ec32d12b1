-- This database's name, whether the role may alter it, and its own setting of default_transaction_read_only.
select current_database(),
       d.datdba = any (array(select oid from pg_catalog.pg_roles where pg_catalog.pg_has_role(oid, 'member')))
       or (select rolsuper from pg_catalog.pg_roles where rolname = current_user),
       (select substr(c, length('default_transaction_read_only=') + 1)
          from pg_catalog.pg_db_role_setting s
         cross join lateral unnest(s.setconfig) c
         where s.setdatabase = d.oid and s.setrole = 0 and c like 'default_transaction_read_only=%')
  from pg_catalog.pg_database d
 where d.datname = current_database()
