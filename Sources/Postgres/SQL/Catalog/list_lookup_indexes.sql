-- The indexes by which rows of the tables to migrate can be found: one row for each key column, in the
-- index's order, with the equality operator of the column's operator class. Partial or invalid indexes and
-- those with expressions are left out. A deferrable unique index may have two equal keys until the commit,
-- and is not listed as unique.
-- $1: schemas, text[]
with operators as (
    select oc.oid as opclass, n.nspname, o.oprname
      from pg_catalog.pg_opclass oc
      join pg_catalog.pg_am m on m.oid = oc.opcmethod and m.amname in ('btree', 'lsm', 'hash')
      join pg_catalog.pg_amop ao
        on ao.amopfamily = oc.opcfamily and ao.amoplefttype = oc.opcintype and ao.amoprighttype = oc.opcintype
       and ao.amopstrategy = case m.amname when 'hash' then 1 else 3 end
      join pg_catalog.pg_operator o on o.oid = ao.amopopr
      join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
    -- Keeps the planner from reading it more than once.
    offset 0)
select n.nspname,
       c.relname,
       i.indexrelid::text,
       a.attnum::text,
       i.indisunique and i.indimmediate,
       i.indisprimary,
       i.indisreplident,
       -- A hash index does not find NULL.
       m.amname <> 'hash',
       e.nspname,
       e.oprname,
       -- The index's collation, if it is not the column's.
       case when x.coll <> a.attcollation then kn.nspname end,
       case when x.coll <> a.attcollation then k.collname end
  -- Servers before 11 lack the column: there the name below finds this constant.
  from (select null::int2 as indnkeyatts) before_11
 cross join lateral (select indexrelid, indrelid, indisunique, indimmediate, indisprimary, indisreplident, indisvalid, indpred,
                            indexprs, indkey, indclass, indcollation, indnatts, indnkeyatts
                       from pg_catalog.pg_index) i
  join pg_catalog.pg_class c on c.oid = i.indrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_class ic on ic.oid = i.indexrelid
  join pg_catalog.pg_am m on m.oid = ic.relam
 cross join lateral unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[])
      with ordinality x(attnum, opclass, coll, place)
  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = x.attnum
  join operators e on e.opclass = x.opclass
  left join pg_catalog.pg_collation k on k.oid = x.coll
  left join pg_catalog.pg_namespace kn on kn.oid = k.collnamespace
 where n.nspname = any ($1::text[])
   and c.relkind in ('r', 'p')
   and not c.relispartition
   and c.relpersistence = 'p'
   and i.indisvalid
   and i.indpred is null
   and i.indexprs is null
   -- If only the index has a nondeterministic collation, it finds values that differ in the column.
   and not exists (
       select from unnest(i.indkey::int2[], i.indcollation::oid[]) y(attnum, coll)
         join pg_catalog.pg_attribute b on b.attrelid = i.indrelid and b.attnum = y.attnum
         join pg_catalog.pg_collation yk on yk.oid = y.coll
        where y.coll <> b.attcollation and not coalesce((to_jsonb(yk) ->> 'collisdeterministic')::boolean, true))
   and x.place <= coalesce(i.indnkeyatts, i.indnatts)
 order by i.indexrelid, x.place
