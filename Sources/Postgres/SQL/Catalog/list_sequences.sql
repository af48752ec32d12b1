-- The sequences of the schemas and those of the migrated tables: a row for each column of a migrated table
-- that owns or uses one. A partition's column counts as its root's, because the other database may be
-- partitioned differently.
-- $1: migrated tables, text[], quoted   $2: schemas, text[]
with recursive tree(root, relid) as (
    select r.oid, r.oid
      from unnest($1::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union all
    select t.root, i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition),
used(sequence, relid, attnum, generates) as (
    -- Identity columns depend on their sequence internally ('i'), serial columns own it ('a').
    select d.objid, d.refobjid, d.refobjsubid, d.deptype = 'i'
      from pg_catalog.pg_depend d
      join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
     where d.classid = 'pg_catalog.pg_class'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
       and d.deptype in ('a', 'i') and d.refobjsubid > 0
     union all
    select d.refobjid, f.adrelid, f.adnum::int, true
      from pg_catalog.pg_depend d
      join pg_catalog.pg_attrdef f on f.oid = d.objid
     where d.classid = 'pg_catalog.pg_attrdef'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
     union all
    -- The default of a domain, if the column has no default.
    select d.refobjid, a.attrelid, a.attnum::int, true
      from pg_catalog.pg_depend d
      join pg_catalog.pg_attribute a on a.atttypid = d.objid and not a.attisdropped and not a.atthasdef
      join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
     where d.classid = 'pg_catalog.pg_type'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass)
select n.nspname, s.relname, q.seqincrement::text, q.seqmin::text, q.seqmax::text, q.seqcycle,
       u.sequence is not null, c.nspname, c.relname, c.attname, c.generates
  from pg_catalog.pg_class s
  join pg_catalog.pg_namespace n on n.oid = s.relnamespace
  join pg_catalog.pg_sequence q on q.seqrelid = s.oid
  left join (select distinct sequence from used) u on u.sequence = s.oid
  left join (
       select v.sequence, rn.nspname, r.relname, a.attname, bool_or(v.generates) as generates
         from used v
         join tree t on t.relid = v.relid
         join pg_catalog.pg_attribute a on a.attrelid = v.relid and a.attnum = v.attnum
         join pg_catalog.pg_class r on r.oid = t.root
         join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
        group by 1, 2, 3, 4) c on c.sequence = s.oid
 where s.relpersistence <> 't' and (n.nspname = any ($2::text[]) or c.attname is not null)
 order by n.nspname, s.relname, c.nspname, c.relname, c.attname
