-- $1: the schemas as an array. Lists the sequences with their increment.
select schemaname, sequencename, increment_by
from pg_sequences
where schemaname = any ($1::text[])
order by schemaname collate "C", sequencename collate "C"
