-- What somebody made in this database that belongs to no schema, by kind, without what an extension made.
-- 16384 is the first object id that is not the server's own.
select kind, count(*)
from (
    select 'event trigger' as kind, oid, 'pg_catalog.pg_event_trigger'::regclass as class
    from pg_catalog.pg_event_trigger
    union all
    select 'foreign server', oid, 'pg_catalog.pg_foreign_server'::regclass from pg_catalog.pg_foreign_server
    union all
    select 'cast', oid, 'pg_catalog.pg_cast'::regclass from pg_catalog.pg_cast
    union all
    select 'language', oid, 'pg_catalog.pg_language'::regclass from pg_catalog.pg_language
) as made
where oid >= 16384
    and not exists (
        select from pg_catalog.pg_depend as d
        where d.classid = made.class and d.objid = made.oid and d.deptype = 'e'
    )
group by kind
order by kind;
