-- $1: the schemas as an array. Lists everything that a migration changes on a database for its own needs, a line each;
-- before and after the migration the lines must be the same.
select 'replication slot ' || slot_name from pg_replication_slots where database = current_database()
union all
select 'publication ' || pubname from pg_publication
union all
select 'event trigger ' || evtname from pg_event_trigger
union all
select 'replication origin ' || roname from pg_replication_origin
union all
select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
union all
select 'setting of ' || coalesce(r.rolname, 'everybody') || ' in ' || coalesce(d.datname, 'every database') || ': '
    || array_to_string(s.setconfig, ', ')
from pg_db_role_setting s
left join pg_roles r on r.oid = s.setrole
left join pg_database d on d.oid = s.setdatabase
where s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
union all
select 'replica identity of ' || c.relname || ': ' || c.relreplident::text
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::text[]) and c.relkind in ('r', 'p')
union all
select 'trigger ' || case when t.tgisinternal then 'of a constraint' else t.tgname end || ' on ' || c.relname || ': '
    || t.tgenabled::text
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::text[]) and (not t.tgisinternal or t.tgenabled <> 'O')
union all
select 'constraint ' || k.conname || ' on ' || c.relname || ': ' || pg_get_constraintdef(k.oid)
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::text[])
union all
select 'index ' || c.relname || case when i.indisvalid then '' else ' (not valid)' end
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::text[])
union all
select 'column ' || c.relname || '.' || a.attname || ': ' || format_type(a.atttypid, a.atttypmod)
    || ' identity ' || a.attidentity::text || ' generated ' || a.attgenerated::text
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::text[]) and c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped
union all
select 'function ' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = any ($1::text[])
order by 1
