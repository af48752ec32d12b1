-- What this server offers to a schema, a row for each: extensions, access methods, compression methods, providers of collations,
-- roles, and foreign servers.
select 'extension', name::text from pg_catalog.pg_available_extensions
union all
select 'method', amname::text from pg_catalog.pg_am
union all
select 'compression', unnest(enumvals) from pg_catalog.pg_settings where name = 'default_toast_compression'
union all
select distinct 'provider', collprovider::text from pg_catalog.pg_collation
union all
select 'role', rolname::text from pg_catalog.pg_roles
union all
select 'server', srvname::text from pg_catalog.pg_foreign_server
