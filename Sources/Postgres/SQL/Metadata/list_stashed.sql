-- The stashed changes that are not yet carried to the export directory, oldest first.
-- $1: migration  $2: leg  $3: how many at most
select commit_lsn, change_no, incident_json, statement_sql
  from ybvoyager_metadata.switchback_incidents
 where migration_uuid = $1 and leg = $2 and not is_carried
 order by commit_lsn, change_no
 limit $3
