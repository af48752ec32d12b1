-- The claim to a leg's stream, with the seconds since it was renewed.
-- $1: migration  $2: leg
select generation::text, token::text, place, logged_lsn::text,
       extract(epoch from clock_timestamp() - renewed_at)::float8::text
  from ybvoyager_metadata.switchback_claims
 where migration_uuid = $1 and leg = $2
