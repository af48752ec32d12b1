-- The tables that could be migrated, with the parts of the partitioned ones: a row for each table, or for
-- each part. A part that is being detached is no longer one. Servers before 14 lack the column
-- inhdetachpending: there the name finds the constant of before_14. The last column says why no stream
-- carries the rows of a part; it is empty if one does. The bound is read without its table, which may be
-- locked; a bound has no columns.
-- $1: schemas, text[]
with recursive root as (
    select c.oid, n.nspname, c.relname, c.relkind
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any ($1::text[])
       and c.relkind in ('r', 'p')
       and not c.relispartition
       and c.relpersistence = 'p'
       and not exists (select from pg_catalog.pg_depend d
                        where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')),
tree(root, relid) as (
    select r.oid, i.inhrelid
      from root r
     cross join (select false as inhdetachpending) before_14
     cross join lateral (select inhrelid, inhdetachpending from pg_catalog.pg_inherits where inhparent = r.oid) i
     where r.relkind = 'p' and not i.inhdetachpending
     union all
    select t.root, i.inhrelid
      from tree t
     cross join (select false as inhdetachpending) before_14
     cross join lateral (select inhrelid, inhdetachpending from pg_catalog.pg_inherits where inhparent = t.relid) i
     where not i.inhdetachpending)
select r.nspname,
       r.relname,
       r.oid::text,
       p.nspname,
       p.relname,
       p.relfilenode::text,
       p.bound,
       p.oid,
       p.unstreamed
  from root r
  left join (select t.root, ln.nspname, l.relname, l.relfilenode,
                    pg_catalog.pg_get_expr(l.relpartbound, 0), l.oid::text,
                    case when l.relkind = 'f' then 'foreign' when l.relpersistence <> 'p' then 'unlogged' else '' end
               from tree t
               join pg_catalog.pg_class l on l.oid = t.relid and l.relkind <> 'p'
               join pg_catalog.pg_namespace ln on ln.oid = l.relnamespace
            ) p(root, nspname, relname, relfilenode, bound, oid, unstreamed)
         on p.root = r.oid
 order by 1, 2, 4, 5
