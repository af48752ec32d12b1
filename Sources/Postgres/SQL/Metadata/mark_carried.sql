-- Marks stashed changes as carried to the export directory.
-- $1: migration  $2: leg  $3: commit LSNs as numbers, bigint[]  $4: numbers of the changes, bigint[]
update ybvoyager_metadata.switchback_incidents
   set is_carried = true
 where migration_uuid = $1 and leg = $2
   and (commit_lsn, change_no) in (select lsn, number from unnest($3::bigint[], $4::bigint[]) v(lsn, number))
