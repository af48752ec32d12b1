-- Sessions of any database that another session waits for. A prepared transaction has the process id 0 and no
-- session. The role may lack the right to see the rest of a session.
-- $1: the process id of the session that waits, int
select b.pid::pg_catalog.text,
       coalesce(a.usename::pg_catalog.text, ''),
       coalesce(a.application_name, case b.pid when 0 then 'a prepared transaction' else '' end),
       extract(epoch from pg_catalog.clock_timestamp() - a.xact_start)::pg_catalog.int8::pg_catalog.text
  from pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::pg_catalog.int4)) b(pid)
  left join pg_catalog.pg_stat_activity a on a.pid = b.pid
 group by 1, 2, 3, 4
 order by 1
