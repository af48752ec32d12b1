-- How the rows of tables are identified in the stream: a row for each table, and one for each partition that holds rows.
-- Only an immediate, valid index counts: the server does not take a deferrable primary key for an identity (relcache.c,
-- RelationGetIndexList), and refuses updates and deletes of a published table that has none. It asks the partition, not
-- the root (execReplication.c, CheckCmdReplicaIdentity), and a partition's identity is its own.
-- A generated column is not sent, so that a key with one does not tell rows apart on the other side.
-- $1: tables, text[], quoted
with recursive tree(root, relid) as (
    select r.oid, r.oid
      from unnest($1::text[]) name
      join pg_catalog.pg_class r on r.oid = to_regclass(name)
     union all
    select t.root, i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition)
select rn.nspname, r.relname, n.nspname, c.relname, t.relid = t.root, c.relreplident,
       coalesce(k.names, ''), coalesce(k.is_deferrable, false), coalesce(k.is_generated, false)
  from tree t
  join pg_catalog.pg_class r on r.oid = t.root
  join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
  join pg_catalog.pg_class c on c.oid = t.relid and (c.relkind = 'r' or t.relid = t.root)
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join lateral (
       select array_to_string(array_agg(a.attname order by a.attname) filter (where i.indimmediate and i.indisvalid),
                              e'\x01'),
              not bool_and(i.indimmediate), bool_or(a.attgenerated <> '')
         from pg_catalog.pg_index i
        cross join lateral unnest(i.indkey::int2[]) with ordinality m(attnum, place)
         join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = m.attnum
        where i.indrelid = c.oid and m.place <= i.indnkeyatts
          and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident else false end
       ) k(names, is_deferrable, is_generated) on true
 order by 1, 2, t.relid <> t.root, 3, 4
