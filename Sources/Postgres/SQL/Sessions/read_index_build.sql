-- How far the index build of a session is: blocks while the table is scanned, tuples while it is loaded. No
-- row if it builds none.
-- $1: process ID of the session
select coalesce(i.relname, c.relname, ''), p.phase,
       case when p.blocks_total > 0 then p.blocks_done else p.tuples_done end::text,
       case when p.blocks_total > 0 then p.blocks_total else nullif(p.tuples_total, 0) end::text,
       (p.blocks_total > 0)::text
  from pg_catalog.pg_stat_progress_create_index p
  left join pg_catalog.pg_class i on i.oid = p.index_relid
  left join pg_catalog.pg_class c on c.oid = p.relid
 where p.pid = $1::int
