-- Sessions of this database, other than ours, with an open transaction that has written.
-- $1: the prefix of our own application names
select pid::text, coalesce(usename, ''), coalesce(application_name, ''),
       extract(epoch from now() - xact_start)::bigint::text, null::text, state,
       extract(epoch from xact_start)::text, extract(epoch from backend_start)::text
  from pg_catalog.pg_stat_activity
 where datname = current_database()
   -- YugabyteDB has no such transaction IDs: there every open transaction counts.
   and (backend_xid is not null
        or pg_catalog.version() like '%-YB-%' and xact_start is not null and state is distinct from 'idle')
   and application_name not like $1 || '%'
   -- Without pg_read_all_stats the role sees only the transaction of other sessions, and not their kind.
   -- Workers of extensions and of subscriptions write, too; those of autovacuum have no user.
   and usesysid is not null
union all
select '0', owner, 'prepared transaction ' || gid, extract(epoch from now() - prepared)::bigint::text,
       null, 'prepared', extract(epoch from prepared)::text, null
  from pg_catalog.pg_prepared_xacts
 where database = current_database()
