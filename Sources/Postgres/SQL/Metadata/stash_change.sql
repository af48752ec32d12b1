-- Stashes a change, in the transaction that carries the changes around it.
-- $1: migration  $2: leg  $3: commit LSN as a number  $4: number of the change  $5: the incident  $6: the change as SQL
insert into ybvoyager_metadata.switchback_incidents
       (migration_uuid, leg, commit_lsn, change_no, incident_json, statement_sql)
values ($1, $2, $3, $4, $5, $6)
    -- An update that moves a row between channels is applied in two halves; one row for both is enough.
    on conflict do nothing
