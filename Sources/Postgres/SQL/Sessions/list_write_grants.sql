-- The grants of the right to write on the tables and their partitions, also on single columns, to others than
-- the owner and this role. The grants of the owner come first.
-- $1: tables, text[], quoted
with recursive tree(relid) as (
    select r.oid
      from unnest($1::text[]) name
      join pg_catalog.pg_class r on r.oid = pg_catalog.to_regclass(name)
     union
    select i.inhrelid
      from tree t
      join pg_catalog.pg_inherits i on i.inhparent = t.relid
      join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition),
grants(relid, attnum, grantor, grantee, privilege, grantable) as (
    select c.oid, 0, a.grantor, a.grantee, a.privilege_type, a.is_grantable
      from tree t
      join pg_catalog.pg_class c on c.oid = t.relid
     cross join pg_catalog.aclexplode(c.relacl) a
     union all
    select c.attrelid, c.attnum, a.grantor, a.grantee, a.privilege_type, a.is_grantable
      from tree t
      join pg_catalog.pg_attribute c on c.attrelid = t.relid and c.attnum > 0 and not c.attisdropped
     cross join pg_catalog.aclexplode(c.attacl) a)
select n.nspname, c.relname, f.attname, pg_catalog.pg_get_userbyid(g.grantor),
       case when g.grantee <> 0 then pg_catalog.pg_get_userbyid(g.grantee) end, g.privilege, g.grantable,
       pg_catalog.pg_get_userbyid(c.relowner), pg_catalog.pg_has_role(c.relowner, 'usage'),
       pg_catalog.pg_has_role(g.grantor, 'member')
  from grants g
  join pg_catalog.pg_class c on c.oid = g.relid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_attribute f on f.attrelid = g.relid and f.attnum = g.attnum and g.attnum > 0
 where g.privilege in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
   and g.grantee <> c.relowner
   and g.grantee <> (select r.oid from pg_catalog.pg_roles r where r.rolname = current_user)
 order by 1, 2, g.grantor <> c.relowner, 3 nulls first, 5 nulls first, 6
