-- Whether the transaction that made a table's file, or has changed its catalog row since, has changed a column of it, too: ALTER
-- TABLE writes all rows anew then, as its own.
-- $1: the table, text
select exists (select
                 from pg_catalog.pg_class c
                 join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and a.xmin = c.xmin
                where c.oid = $1::regclass)
