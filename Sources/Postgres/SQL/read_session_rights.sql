-- Whether the role sees what other sessions do, and the sequences of the schemas it may not set.
-- The case keeps the question from being asked of what is no sequence.
-- $1: schemas, text[]
select pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage'),
       (select string_agg(format('%I.%I', n.nspname, c.relname), ', ' order by n.nspname, c.relname)
          from pg_catalog.pg_class c
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'S' and n.nspname = any ($1::text[])
           and case when c.relkind = 'S' then not has_sequence_privilege(c.oid, 'update') end)
