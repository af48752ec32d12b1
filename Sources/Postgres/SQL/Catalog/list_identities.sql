-- The replica identities of tables: a row for each table, and for each partition that has rows. Only an
-- immediate, valid index counts: the server does not accept a deferrable primary key as an identity
-- (relcache.c, RelationGetIndexList), and refuses updates and deletes of a published table that has none. It
-- checks the partition, not the root (execReplication.c, CheckCmdReplicaIdentity), and a partition's identity
-- is its own. An unlogged partition is not published, and the server requires no identity there. A generated
-- column is not sent, so a key with one does not identify rows on the destination.
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
       coalesce(k.names, '[]'), coalesce(k.is_deferrable, false), coalesce(k.is_generated, false)
  from tree t
  join pg_catalog.pg_class r on r.oid = t.root
  join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
  join pg_catalog.pg_class c on c.oid = t.relid and (c.relkind = 'r' and c.relpersistence = 'p' or t.relid = t.root)
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join lateral (
       select array_to_json(array_agg(a.attname order by a.attname) filter (where i.indimmediate and i.indisvalid))::text,
              not bool_and(i.indimmediate), bool_or(a.attgenerated <> '')
         -- Servers before 11 and 12 lack these columns: there the names below find these constants.
         from (select ''::"char" as attgenerated, null::int2 as indnkeyatts) before_12
        cross join lateral (select indkey, indimmediate, indisvalid, indisprimary, indisreplident, indnatts, indnkeyatts
                              from pg_catalog.pg_index
                             where indrelid = c.oid) i
        cross join lateral unnest(i.indkey::int2[]) with ordinality m(attnum, place)
        cross join lateral (select attname, attgenerated
                              from pg_catalog.pg_attribute
                             where attrelid = c.oid and attnum = m.attnum) a
        where m.place <= coalesce(i.indnkeyatts, i.indnatts)
          and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident else false end
       ) k(names, is_deferrable, is_generated) on true
 order by 1, 2, t.relid <> t.root, 3, 4
