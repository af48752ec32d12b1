-- What a server has for logical replication, and the rights of this role: one row. On Amazon RDS the role rds_replication stands
-- for the attribute REPLICATION.
select current_setting('wal_level'),
       current_setting('max_replication_slots')::int - (select count(*) from pg_catalog.pg_replication_slots),
       current_setting('max_wal_senders')::int - (select count(*) from pg_catalog.pg_stat_replication),
       r.rolreplication or r.rolsuper
           or exists (select from pg_catalog.pg_auth_members m
                        join pg_catalog.pg_roles g on g.oid = m.roleid
                       where m.member = r.oid and g.rolname = 'rds_replication'),
       has_database_privilege(current_database(), 'create'),
       current_database(),
       (select string_agg(quote_ident(pubname), ', ') from pg_catalog.pg_publication where puballtables)
  from pg_catalog.pg_roles r
 where r.rolname = current_user
