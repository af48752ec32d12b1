-- Renews the claim to a leg's stream, if no other capture has taken it. Returns a row if it is still ours.
-- $1: migration  $2: leg  $3: tokens of this capture, uuid[]  $4: the last commit in its log, as a number; null if unknown
update ybvoyager_metadata.switchback_claims
   set renewed_at = clock_timestamp(), logged_lsn = greatest(logged_lsn, $4::bigint)
 where migration_uuid = $1 and leg = $2 and token = any ($3::uuid[])
returning 1
