-- The objects of tables, of their partitions and of the schemas' views that a copy of the rows does not carry: one row for each,
-- with the server's own definition without the object's name, and a statement that makes it. What a partition inherits from its
-- root is left out; an index, constraint, trigger or default of its own is listed. So is a trigger that it has from its parent, with
-- that parent: it may be disabled on the partition alone. Run it under an empty search_path.
-- $1: tables, text[], quoted   $2: schemas, text[]
with recursive tree(relid) as (
    select r.oid
      from unnest($1::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union
    select i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition),
views as (
    select c.oid, c.relkind
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any ($2::text[]) and c.relkind in ('v', 'm')
       and not exists (
           select from pg_catalog.pg_depend d
            where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')),
relations as (
    select t.relid, c.relname, c.relkind, c.relispopulated, n.nspname,
           pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) as quoted, parent.inhparent,
           -- security_barrier, security_invoker, check_option. Those of a materialized view say how it is stored.
           case c.relkind when 'v'
                then (select ' WITH (' || string_agg(o, ', ' order by o) || ')' from unnest(c.reloptions) o)
           end as options
      from (select relid from tree union select oid from views) t
      join pg_catalog.pg_class c on c.oid = t.relid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      left join pg_catalog.pg_inherits parent on parent.inhrelid = c.oid and c.relispartition)
-- Indexes, except those of constraints and those that belong to the index of a root.
select 'index' as kind, r.nspname, r.relname, ic.relname as name,
       'CREATE ' || case when i.indisunique then 'UNIQUE ' else '' end || 'INDEX ON '
           || pg_catalog.substr(
               d.def,
               pg_catalog.length(
                   'CREATE ' || case when i.indisunique then 'UNIQUE ' else '' end || 'INDEX '
                       || pg_catalog.quote_ident(ic.relname)
                       || case when ic.relkind = 'I' and d.def like '% ON ONLY %' then ' ON ONLY ' else ' ON ' end) + 1)
           || case when i.indisvalid then '' else ' INVALID' end as definition,
       -- The server prints the index of a partitioned table as one of that table only, which would stay invalid.
       case when ic.relkind = 'I' and i.indisvalid
            then pg_catalog.regexp_replace(d.def, ' ON ONLY ', ' ON ') else d.def end as statement,
       null::name as parent_schema, null::name as parent
  from relations r
  join pg_catalog.pg_index i on i.indrelid = r.relid
  join pg_catalog.pg_class ic on ic.oid = i.indexrelid
 cross join lateral (select pg_catalog.pg_get_indexdef(i.indexrelid) as def) d
 where not ic.relispartition
   and not exists (
       select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
   and not exists (select from pg_catalog.pg_inherits h where h.inhrelid = i.indexrelid)
union all
select 'constraint', r.nspname, r.relname, k.conname, d.def,
       'alter table ' || r.quoted || ' add constraint ' || pg_catalog.quote_ident(k.conname) || ' ' || d.def, null, null
  from relations r
  join pg_catalog.pg_constraint k on k.conrelid = r.relid and k.contype in ('p', 'u', 'x', 'c', 'f') and k.conislocal
 cross join lateral (select pg_catalog.pg_get_constraintdef(k.oid) as def) d
union all
-- A server before 18 has no constraints for NOT NULL.
select 'not-null column', r.nspname, r.relname, a.attname, 'NOT NULL',
       'alter table ' || r.quoted || ' alter column ' || pg_catalog.quote_ident(a.attname) || ' set not null', null, null
  from relations r
  join pg_catalog.pg_attribute a on a.attrelid = r.relid and a.attnum > 0 and not a.attisdropped and a.attnotnull
 where r.relkind in ('r', 'p')
   and not exists (
       select from pg_catalog.pg_attribute pa
        where pa.attrelid = r.inhparent and pa.attname = a.attname and pa.attnotnull)
union all
-- A fence of ours is none of the application's.
select 'trigger', r.nspname, r.relname, t.tgname,
       d.def || case t.tgenabled
                    when 'D' then ' DISABLED' when 'A' then ' ENABLE ALWAYS' when 'R' then ' ENABLE REPLICA' else '' end,
       case when copied.relname is null then d.def || case when t.tgenabled = 'O' then '' else '; ' end else '' end
           || case when copied.relname is null and t.tgenabled = 'O' then ''
                   else 'alter table ' || r.quoted || case t.tgenabled
                            when 'D' then ' disable' when 'A' then ' enable always' when 'R' then ' enable replica' else ' enable' end
                        || ' trigger ' || pg_catalog.quote_ident(t.tgname) end,
       copied.nspname, copied.relname
  from relations r
  join pg_catalog.pg_trigger t on t.tgrelid = r.relid and not t.tgisinternal
 cross join lateral (select pg_catalog.pg_get_triggerdef(t.oid) as def) d
  left join lateral (
       select pn.nspname, pc.relname
         from pg_catalog.pg_trigger p
         join pg_catalog.pg_class pc on pc.oid = p.tgrelid
         join pg_catalog.pg_namespace pn on pn.oid = pc.relnamespace
        where p.tgrelid = r.inhparent and p.tgname = t.tgname and p.tgfoid = t.tgfoid and p.tgtype & 1 = 1) copied on true
 where t.tgname not like 'switchback\_fence\_%'
union all
select 'rule', r.nspname, r.relname, w.rulename,
       d.def || case w.ev_enabled
                    when 'D' then ' DISABLED' when 'A' then ' ENABLE ALWAYS' when 'R' then ' ENABLE REPLICA' else '' end,
       d.def || case w.ev_enabled
                    when 'D' then ' alter table ' || r.quoted || ' disable rule ' || pg_catalog.quote_ident(w.rulename)
                    when 'A' then ' alter table ' || r.quoted || ' enable always rule ' || pg_catalog.quote_ident(w.rulename)
                    when 'R' then ' alter table ' || r.quoted || ' enable replica rule ' || pg_catalog.quote_ident(w.rulename)
                    else '' end, null, null
  from relations r
  join pg_catalog.pg_rewrite w on w.ev_class = r.relid and w.rulename <> '_RETURN'
 cross join lateral (select pg_catalog.pg_get_ruledef(w.oid) as def) d
union all
select 'view', r.nspname, r.relname, '',
       case r.relkind when 'm' then 'MATERIALIZED ' else '' end || d.def || coalesce(r.options, '')
           || case when r.relispopulated then '' else ' WITH NO DATA' end,
       'create ' || case r.relkind when 'm' then 'materialized ' else '' end || 'view ' || r.quoted || coalesce(r.options, '')
           || ' as ' || d.def || case when r.relispopulated then '' else ' with no data' end, null, null
  from relations r
 cross join lateral (select pg_catalog.rtrim(pg_catalog.pg_get_viewdef(r.relid), '; ') as def) d
 where r.relkind in ('v', 'm')
union all
-- A column that takes its values from a sequence has no text here: which sequence it is differs, and the sequences are
-- compared by themselves. Generated columns have their expression. A partition is listed where its root has another default.
select 'default', r.nspname, r.relname, a.attname,
       case when a.attidentity = 'a' then 'GENERATED ALWAYS AS IDENTITY'
            when a.attidentity = 'd' or x.expression ~ '^nextval\(''[^'']*''::regclass\)$' then 'the next value of a sequence'
            -- Stored or virtual, the values are the same.
            when a.attgenerated <> '' then 'GENERATED ALWAYS AS (' || x.expression || ')'
            else coalesce(x.expression, 'no default') end,
       case when a.attidentity = '' and a.attgenerated = ''
            then 'alter table ' || r.quoted || ' alter column ' || pg_catalog.quote_ident(a.attname)
                || coalesce(' set default ' || x.expression, ' drop default')
            else '' end, null, null
  from relations r
  -- Servers before 12 lack the column: there the name below finds this constant.
 cross join (select ''::"char" as attgenerated) before_12
 cross join lateral (select attname, attnum, attidentity, attgenerated, atthasdef
                       from pg_catalog.pg_attribute
                      where attrelid = r.relid and attnum > 0 and not attisdropped) a
  -- pg_dump gives NULL to the column of a partition that lacks its root's default.
  left join lateral (select case when e !~ '^NULL(::|$)' then e end as expression
                       from pg_catalog.pg_attrdef f
                      cross join lateral (select pg_catalog.pg_get_expr(f.adbin, f.adrelid) as e) e
                      where f.adrelid = r.relid and f.adnum = a.attnum) x on true
 where r.relkind in ('r', 'p', 'v')
   and case when r.inhparent is null then a.attidentity <> '' or x.expression is not null
            -- Partitions have the identity of their root, or, before version 17, none.
            else a.attidentity = '' and not exists (
                select from pg_catalog.pg_attribute pa
                  left join pg_catalog.pg_attrdef pf on pf.adrelid = pa.attrelid and pf.adnum = pa.attnum
                 cross join lateral (select pg_catalog.pg_get_expr(pf.adbin, pf.adrelid) as e) pe
                 where pa.attrelid = r.inhparent and pa.attname = a.attname
                   and (pa.attidentity <> ''
                        or x.expression is not distinct from case when pe.e !~ '^NULL(::|$)' then pe.e end)) end
 order by 1, 2, 3, 4
