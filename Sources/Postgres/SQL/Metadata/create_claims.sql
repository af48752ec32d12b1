-- The claims of captures to the streams of an origin that lets several readers have one slot: one row for each leg.
-- token: of the capture that has the claim  place: host, device and inode of its export directory
-- logged_lsn: the last commit in its log, when the claim was renewed
create table if not exists ybvoyager_metadata.switchback_claims (
    migration_uuid uuid, leg int, generation bigint not null, token uuid not null, place text not null,
    logged_lsn bigint not null, renewed_at timestamptz not null default clock_timestamp(),
    primary key (migration_uuid, leg))
