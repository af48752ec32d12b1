-- $1: the schemas as an array. The sequences with their step.
select schemaname, sequencename, increment_by
from pg_sequences
where schemaname = any ($1::text[])
order by schemaname collate "C", sequencename collate "C"
