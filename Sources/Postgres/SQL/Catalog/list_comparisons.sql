-- How values are compared with the columns of the tables to migrate: the type to cast a value to, and the
-- equality operator of the type's default operator class for btree, or else for hash. Both have their schema,
-- so that they do not depend on the search_path. An array, a composite or a range has an equality only if all
-- its components have one. The last columns are the length of a type of fixed length, and whether a value may
-- be large.
-- $1: schemas, text[]
with recursive columns as (
    select a.attrelid, a.attname, a.attnum, a.atttypid, a.atttypmod, a.attcollation, a.attstorage, a.attlen,
           n.nspname, c.relname
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname = any ($1::text[])
       and c.relkind in ('r', 'p')
       and not c.relispartition
       and c.relpersistence = 'p'),
used as (select distinct atttypid as oid from columns),
domains(oid, base) as (
    select oid, oid from used
     union all
    select d.oid, t.typbasetype from domains d join pg_catalog.pg_type t on t.oid = d.base and t.typtype = 'd'),
bases as (
    select d.oid, t.oid as base
      from domains d
      join pg_catalog.pg_type t on t.oid = d.base and t.typtype <> 'd'),
-- The components of each type, itself included.
parts(base, part) as (
    select distinct base, base from bases
     union
    select p.base, x.part
      from parts p
      join pg_catalog.pg_type t on t.oid = p.part
     cross join lateral (
           select t.typelem as part where t.typelem <> 0 and t.typlen = -1
            union all
           select t.typbasetype where t.typtype = 'd'
            union all
           select a.atttypid
             from pg_catalog.pg_attribute a
            where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
            union all
           select r.rngsubtype from pg_catalog.pg_range r where r.rngtypid = t.oid) x),
-- The input types of operator classes that accept a type: the type itself, types with the same binary form,
-- and the pseudo-type of its kind.
inputs as (
    select s.part, i.input, i.rank
      from (select distinct part from parts) s
      join pg_catalog.pg_type t on t.oid = s.part
     cross join lateral (
           select t.oid as input, 0 as rank
            union all
           select c.casttarget, 1 from pg_catalog.pg_cast c
            where c.castsource = t.oid and c.castmethod = 'b' and c.castcontext = 'i'
            union all
           select p.oid, 2 from pg_catalog.pg_type p
            where p.typnamespace = 'pg_catalog'::regnamespace
              and p.typname = case when t.typelem <> 0 and t.typlen = -1 then 'anyarray'
                                   when t.typtype = 'e' then 'anyenum'
                                   when t.typtype = 'r' then 'anyrange'
                                   when t.typtype = 'm' then 'anymultirange'
                                   when t.typtype = 'c' then 'record' end) i),
equalities as (
    select distinct on (i.part) i.part, n.nspname, o.oprname
      from inputs i
      join pg_catalog.pg_opclass k on k.opcintype = i.input and k.opcdefault
      join pg_catalog.pg_am m on m.oid = k.opcmethod and m.amname in ('btree', 'lsm', 'hash')
      join pg_catalog.pg_amop a
        on a.amopfamily = k.opcfamily and a.amoplefttype = k.opcintype and a.amoprighttype = k.opcintype
       and a.amopstrategy = case m.amname when 'hash' then 1 else 3 end
      join pg_catalog.pg_operator o on o.oid = a.amopopr
      join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
     order by i.part, i.rank, m.amname = 'hash', m.amname),
comparable as (
    select p.base
      from parts p
      join pg_catalog.pg_type t on t.oid = p.part
      left join equalities e on e.part = p.part
     group by p.base
    having bool_and(e.part is not null or t.typtype = 'd'))
select c.nspname,
       c.relname,
       c.attnum::text,
       -- A cast with a length would cut off characters or bits that the column refuses. With a schema, `bit`
       -- and `bpchar` have no length.
       case when tn.nspname <> 'pg_catalog'
              or t.typname in ('varchar', 'bpchar', 'varbit', 'bit', '_varchar', '_bpchar', '_varbit', '_bit')
            then quote_ident(tn.nspname) || '.' || quote_ident(t.typname)
            else pg_catalog.format_type(t.oid, case when t.oid = c.atttypid then c.atttypmod else -1 end) end,
       t.oid <> c.atttypid,
       e.nspname,
       e.oprname,
       -- Types whose equal values have the same text.
       (t.typtype = 'e' or coalesce(el.typnamespace, t.typnamespace) = 'pg_catalog'::regnamespace
                           and coalesce(el.typname, t.typname) in (
           'bool', 'int2', 'int4', 'int8', 'oid', 'text', 'varchar', 'name', 'bytea', 'uuid', 'date', 'timestamp',
           'timestamptz', 'time', 'money', 'bit', 'varbit', 'inet', 'cidr', 'macaddr', 'char'))
       and coalesce((to_jsonb(k) ->> 'collisdeterministic')::boolean, true),
       c.attlen::text,
       c.attstorage in ('x', 'e') and not (t.typname in ('varchar', 'bpchar') and c.atttypmod > 0 and c.atttypmod < 260)
  from columns c
  join bases b on b.oid = c.atttypid
  join pg_catalog.pg_type t on t.oid = b.base
  join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
  left join pg_catalog.pg_type el on el.oid = t.typelem and t.typlen = -1
  left join equalities e on e.part = b.base and e.part in (select base from comparable)
  left join pg_catalog.pg_collation k on k.oid = c.attcollation
 order by c.attrelid, c.attnum
