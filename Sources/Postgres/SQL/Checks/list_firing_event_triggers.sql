-- The event triggers that fire for this session and that the role may alter: for each, the statement that disables it, and the one
-- that restores it.
select format('alter event trigger %I disable', evtname),
       format('alter event trigger %I enable%s', evtname,
              case evtenabled when 'A' then ' always' when 'R' then ' replica' else '' end)
  from pg_catalog.pg_event_trigger
 where (evtenabled = 'A'
        or evtenabled = case pg_catalog.current_setting('session_replication_role') when 'replica' then 'R' else 'O' end)
   and pg_catalog.pg_has_role(evtowner, 'usage')
