-- Sets a change aside, in the transaction that carries the changes beside it.
-- $1: migration  $2: leg  $3: commit LSN as a number  $4: number of the change  $5: the incident  $6: the change as SQL
insert into ybvoyager_metadata.switchback_incidents
       (migration_uuid, leg, commit_lsn, change_no, incident_json, statement_sql)
values ($1, $2, $3, $4, $5, $6)
    -- Of an update that moves a row between channels each half is applied by itself; one of them tells it all.
    on conflict do nothing
