-- Whether a slot and a publication of these names exist: one row for each that does.
-- $1: name of a slot   $2: name of a publication
select 'slot' as kind
  from pg_catalog.pg_replication_slots
 where slot_name = $1
union all
select 'publication'
  from pg_catalog.pg_publication
 where pubname = $2
