-- The tables in which the primary key alone decides which rows may stand beside each other: no other unique index or
-- exclusion constraint of theirs, or of any partition, sees the order in which different keys are written.
-- $1: schemas, text[]
select n.nspname, c.relname
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = any ($1::text[])
   and c.relkind in ('r', 'p')
   and not c.relispartition
   -- Without included columns: those are no part of the key.
   and exists (select from pg_catalog.pg_index i
                where i.indrelid = c.oid and i.indisprimary and i.indnkeyatts = i.indnatts)
   and not exists (select from pg_catalog.pg_index i
                    where i.indrelid in (select relid from pg_catalog.pg_partition_tree(c.oid)
                                         union all select c.oid)
                      and (i.indisunique or i.indisexclusion)
                      and not i.indisprimary)
   -- Under a nondeterministic collation two texts may be one key.
   and not exists (select from pg_catalog.pg_index i
                     join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey::int2[])
                     join pg_catalog.pg_collation k on k.oid = a.attcollation
                    where i.indrelid = c.oid and i.indisprimary
                      and not coalesce((to_jsonb(k) ->> 'collisdeterministic')::boolean, true))
