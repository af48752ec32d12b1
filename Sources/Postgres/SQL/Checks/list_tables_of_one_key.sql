-- The tables in which the primary key alone decides which rows may exist together. Neither they nor a partition of theirs have
-- another unique index or an exclusion constraint, so that changes of different keys may be written in any order.
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
    -- A server before 11 lacks a column. The name below then means the value given here.
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
