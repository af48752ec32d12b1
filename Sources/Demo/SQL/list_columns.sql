-- $1: the schemas as an array. Lists every table with rows of its own or in partitions, each partitioned table once,
-- with its columns in the order of their names, so that both sides give the same text.
select n.nspname, c.relname, string_agg(quote_ident(a.attname), ', ' order by a.attname collate "C")
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname = any ($1::text[]) and c.relkind in ('r', 'p') and not c.relispartition
group by n.nspname, c.relname
order by n.nspname collate "C", c.relname collate "C"
