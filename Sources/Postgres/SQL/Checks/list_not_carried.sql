-- The objects of the database that neither the export of the schema nor the stream carries: one row for each, with kind, name and
-- detail. Objects of extensions come with the extension.
-- $1: schemas, text[]
-- $2: the role that will own the objects on the target
with own as (
    select oid, nspname from pg_catalog.pg_namespace where nspname = any ($1::text[])),
of_extension as (
    select classid, objid from pg_catalog.pg_depend where deptype = 'e'),
relation as (
    select c.oid, c.relkind, c.relpersistence, c.relispartition, c.reltuples, c.relowner, c.relacl, c.reltablespace,
           pg_catalog.format('%I.%I', n.nspname, c.relname) as name
      from pg_catalog.pg_class c
      join own n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
       and not exists (select from of_extension e
                        where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid)),
routine as (
    select p.oid, p.proowner, p.proacl,
           pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) as name
      from pg_catalog.pg_proc p
      join own n on n.oid = p.pronamespace
     where not exists (select from of_extension e
                        where e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and e.objid = p.oid)),
-- 16384 is the first object id that is not the server's own.
outside as (
    select 'event trigger' as kind, e.oid, 'pg_catalog.pg_event_trigger'::pg_catalog.regclass as class, e.evtname::text as name
      from pg_catalog.pg_event_trigger e
     union all
    select 'foreign server', s.oid, 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, s.srvname::text
      from pg_catalog.pg_foreign_server s
     union all
    select 'foreign-data wrapper', w.oid, 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, w.fdwname::text
      from pg_catalog.pg_foreign_data_wrapper w
     union all
    select 'cast', c.oid, 'pg_catalog.pg_cast'::pg_catalog.regclass,
           pg_catalog.format_type(c.castsource, null) || ' as ' || pg_catalog.format_type(c.casttarget, null)
      from pg_catalog.pg_cast c
      join pg_catalog.pg_type s on s.oid = c.castsource
      join pg_catalog.pg_type t on t.oid = c.casttarget
      left join pg_catalog.pg_proc p on p.oid = c.castfunc
     -- The export carries the casts of the schemas.
     where not exists (select from own n where n.oid in (s.typnamespace, t.typnamespace, p.pronamespace))
     union all
    select 'language', l.oid, 'pg_catalog.pg_language'::pg_catalog.regclass, l.lanname::text from pg_catalog.pg_language l)
select kind, name, detail
  from (select 'unlogged table' as kind, r.name,
               case when r.relkind = 'p' then ''
                    when pg_catalog.pg_relation_size(r.oid) = 0 then 'empty'
                    when r.reltuples > 0 then 'about ' || r.reltuples::bigint || ' rows'
                    else 'has rows' end as detail
          from relation r
         where r.relkind in ('r', 'p') and r.relpersistence = 'u' and not r.relispartition
         union all
        select 'foreign table', r.name, '' from relation r where r.relkind = 'f' and not r.relispartition
         union all
        select 'table of an extension', pg_catalog.format('%I.%I', n.nspname, c.relname), e.extname::text
          from pg_catalog.pg_extension e
         cross join lateral unnest(e.extconfig) config(relid)
          join pg_catalog.pg_class c on c.oid = config.relid and c.relkind = 'r'
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where pg_catalog.pg_relation_size(c.oid) > 0
         union all
        select 'large object', count(*)::text, '' from pg_catalog.pg_largeobject_metadata having count(*) > 0
         union all
        select 'materialized view', r.name, '' from relation r where r.relkind = 'm'
         union all
        select 'grant', case r.relkind when 'S' then 'sequence ' else '' end || r.name, ''
          from relation r
         where exists (select from pg_catalog.aclexplode(r.relacl) a where a.grantee <> r.relowner)
            or exists (select from pg_catalog.pg_attribute a where a.attrelid = r.oid and a.attacl is not null)
         union all
        select 'grant', 'function ' || r.name, '' from routine r where r.proacl is not null
         union all
        select 'grant', 'schema ' || pg_catalog.quote_ident(n.nspname), ''
          from own o
          join pg_catalog.pg_namespace n on n.oid = o.oid
          left join pg_catalog.pg_init_privs i
            on i.objoid = n.oid and i.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
         where n.nspacl is not null and n.nspacl::text is distinct from i.initprivs::text
         union all
        select 'grant', 'database ' || pg_catalog.quote_ident(d.datname), ''
          from pg_catalog.pg_database d
         where d.datname = pg_catalog.current_database() and d.datacl is not null
         union all
        select 'default privilege', 'of ' || pg_catalog.pg_get_userbyid(d.defaclrole)
                                     || coalesce(' in ' || pg_catalog.quote_ident(o.nspname), ''), ''
          from pg_catalog.pg_default_acl d
          left join own o on o.oid = d.defaclnamespace
         where d.defaclnamespace = 0 or o.oid is not null
         union all
        select 'owner', pg_catalog.pg_get_userbyid(owned.role), count(*) || case when count(*) = 1 then ' object' else ' objects' end
          from (select relowner from relation union all select proowner from routine) owned(role)
         where pg_catalog.pg_get_userbyid(owned.role) <> $2
         group by owned.role
         union all
        select 'tablespace', t.spcname::text, count(*) || case when count(*) = 1 then ' relation' else ' relations' end
          from relation r
          join pg_catalog.pg_tablespace t on t.oid = r.reltablespace
         group by t.spcname
         union all
        select 'publication', p.pubname::text, ''
          from pg_catalog.pg_publication p
         where p.pubname not like 'switchback\_%'
         union all
        select 'subscription', s.subname::text, ''
          from pg_catalog.pg_subscription s
          join pg_catalog.pg_database d on d.oid = s.subdbid
         where d.datname = pg_catalog.current_database()
         union all
        select 'replication slot', s.slot_name::text, s.plugin::text
          from pg_catalog.pg_replication_slots s
         where s.database = pg_catalog.current_database() and s.slot_name not like 'switchback\_%' and not s.temporary
         union all
        select o.kind, o.name, ''
          from outside o
         where o.oid >= 16384
           and not exists (select from of_extension e where e.classid = o.class and e.objid = o.oid)
         union all
        select 'user mapping', m.srvname || ' for ' || m.usename, '' from pg_catalog.pg_user_mappings m
         union all
        select 'setting', coalesce('role ' || r.rolname || ': ', '') || pg_catalog.split_part(c.entry, '=', 1), ''
          from pg_catalog.pg_db_role_setting s
          join pg_catalog.pg_database d on d.oid = s.setdatabase and d.datname = pg_catalog.current_database()
          left join pg_catalog.pg_roles r on r.oid = s.setrole
         cross join lateral unnest(s.setconfig) c(entry)
         union all
        select 'security label', count(*)::text, '' from pg_catalog.pg_seclabel having count(*) > 0
       ) found
 order by 1, 2
