-- The transactions that attached a partition and its parents: a row for each, with the number of the command
-- in that transaction, and whether the same transaction created the partition. The row type shows that,
-- because an attachment changes the partition's own catalog row.
-- $1: the partition, quoted
with recursive up(parent, attached, command) as (
    select i.inhparent, i.xmin, i.cmin
      from pg_catalog.pg_inherits i
     where i.inhrelid = pg_catalog.to_regclass($1)
     union all
    select i.inhparent, i.xmin, i.cmin
      from up
      join pg_catalog.pg_inherits i on i.inhrelid = up.parent)
select up.attached::text, up.command::text, t.xmin = up.attached
  from up
  join pg_catalog.pg_class c on c.oid = pg_catalog.to_regclass($1)
  join pg_catalog.pg_type t on t.oid = c.reltype
