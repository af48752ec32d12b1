-- The tables in which the primary key alone decides which rows may stand beside each other: no other unique index or
-- exclusion constraint of theirs, or of any partition, sees the order in which different keys are written.
-- $1: schemas, text[]
with recursive root as (
    select c.oid, n.nspname, c.relname
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any ($1::text[])
       and c.relkind in ('r', 'p')
       and not c.relispartition),
tree(root, relid) as (
    select oid, oid from root
     union all
    select t.root, h.inhrelid
      from tree t
      join pg_catalog.pg_inherits h on h.inhparent = t.relid
      join pg_catalog.pg_class l on l.oid = h.inhrelid and l.relispartition),
indexes as (
    -- What a server before 11 has in the place of a column of its own: the name below finds this one then.
    select i.*
      from (select null::int2 as indnkeyatts) before_11
     cross join lateral (select indrelid, indkey, indisprimary, indisunique, indisexclusion, indnatts, indnkeyatts
                           from pg_catalog.pg_index) i)
select r.nspname, r.relname
  from root r
 where r.oid in (select i.indrelid
                   from indexes i
                  where i.indisprimary
                    -- Without included columns: those are no part of the key.
                    and coalesce(i.indnkeyatts, i.indnatts) = i.indnatts)
   and r.oid not in (select t.root
                       from tree t
                       join indexes i on i.indrelid = t.relid
                      where (i.indisunique or i.indisexclusion)
                        and not i.indisprimary)
   -- Under a nondeterministic collation two texts may be one key.
   and r.oid not in (select i.indrelid
                       from indexes i
                       join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[])
                       join pg_catalog.pg_collation k on k.oid = a.attcollation
                      where i.indisprimary
                        and not coalesce((to_jsonb(k) ->> 'collisdeterministic')::boolean, true))
