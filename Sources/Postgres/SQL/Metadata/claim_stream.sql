-- Takes the claim to a leg's stream, and returns its generation. Returns no row, and changes nothing, if another capture has
-- taken it since, if a capture in another place has renewed it lately, or if the log of the last one was longer.
-- $1: migration  $2: leg  $3: the new token  $4: tokens that this capture has had, uuid[]  $5: its place
-- $6: the last commit in its log, as a number  $7: seconds for which a claim in another place is left alone
insert into ybvoyager_metadata.switchback_claims as c
       (migration_uuid, leg, generation, token, place, logged_lsn)
values ($1::uuid, $2::int, 1, $3::uuid, $5, $6::bigint)
    on conflict (migration_uuid, leg) do update
   set generation = c.generation + 1, token = excluded.token, place = excluded.place, renewed_at = clock_timestamp()
 where c.token = any ($4::uuid[])
   and c.logged_lsn <= excluded.logged_lsn
   and (c.place = excluded.place or c.renewed_at < clock_timestamp() - $7::float8 * interval '1 second')
returning c.generation
