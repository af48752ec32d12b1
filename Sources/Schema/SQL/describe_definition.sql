-- The parts of an object's definition, a row for each: what it is, and its value as text. Two objects with equal rows are defined
-- alike. Keys and constraints of a table are other objects.
-- $1: the relation, type or routine's object id, as text
with relation as (select c.* from pg_catalog.pg_class c where c.oid = $1::oid)
select 'column ' || a.attname,
       pg_catalog.format_type(a.atttypid, a.atttypmod)
       || coalesce((select ' collate ' || l.collname from pg_catalog.pg_collation l
                     join pg_catalog.pg_type t on t.oid = a.atttypid
                    where l.oid = a.attcollation and a.attcollation <> t.typcollation), '')
       || case when a.attgenerated = '' then '' else ' generated' end
  from relation r
  join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
 where r.relkind <> 'S'
union all
select 'query', pg_catalog.pg_get_viewdef(r.oid) from relation r where r.relkind in ('v', 'm')
union all
select 'sequence', pg_catalog.format('%s start %s increment %s min %s max %s cache %s cycle %s', pg_catalog.format_type(s.seqtypid, null),
                                     s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle)
  from pg_catalog.pg_sequence s
 where s.seqrelid = $1::oid
union all
select 'label ' || e.enumlabel, (row_number() over (order by e.enumsortorder))::text
  from pg_catalog.pg_enum e
 where e.enumtypid = $1::oid
union all
select 'base type', pg_catalog.format_type(t.typbasetype, t.typtypmod) || coalesce(' default ' || t.typdefault, '')
  from pg_catalog.pg_type t
 where t.oid = $1::oid and t.typtype = 'd'
union all
select 'attribute ' || a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
  from pg_catalog.pg_type t
  join pg_catalog.pg_attribute a on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
 where t.oid = $1::oid and t.typtype = 'c'
union all
select 'body', pg_catalog.concat_ws(' ', pg_catalog.pg_get_function_result(p.oid), p.provolatile, p.proisstrict, p.prosecdef, p.proleakproof,
                                    p.proconfig, p.proretset, p.prosrc, p.probin, pg_catalog.pg_get_function_sqlbody(p.oid))
  from pg_catalog.pg_proc p
 where p.oid = $1::oid
