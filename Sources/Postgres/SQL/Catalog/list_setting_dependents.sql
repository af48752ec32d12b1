-- The expressions that the server evaluates for a written row of the tables and that may read a session
-- parameter: constraints of tables and domains, index and partition expressions, generated columns, and the
-- triggers and rules that replicated rows fire. A stored expression (pg_node_tree) names its functions by
-- OID. A function that is not immutable may read any parameter. So may a function that is not the server's
-- own, whatever it is declared as; it also finds objects by the search path. Three more kinds of node read
-- parameters: conversions by text (COERCEVIAIO), current_date and similar (SQLVALUEFUNCTION), and XML
-- (XMLEXPR).
-- $1: schemas of the tables, text[]
with tables as (
    select c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) as name
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any ($1::pg_catalog.text[]) and c.relkind in ('r', 'p')),
expressions(what, tree) as (
    select pg_catalog.format('constraint %I of %s', k.conname, t.name), k.conbin::pg_catalog.text
      from tables t
      join pg_catalog.pg_constraint k on k.conrelid = t.oid
     where k.conbin is not null
     union all
    select pg_catalog.format('constraint %I of domain %s', k.conname, pg_catalog.format_type(k.contypid, null)),
           k.conbin::pg_catalog.text
      from pg_catalog.pg_constraint k
      join pg_catalog.pg_type d on d.oid = k.contypid
      join pg_catalog.pg_namespace n on n.oid = d.typnamespace
     where k.conbin is not null and n.nspname <> 'information_schema'
     union all
    select pg_catalog.format('index %I of %s', x.relname, t.name),
           pg_catalog.concat(i.indexprs::pg_catalog.text, i.indpred::pg_catalog.text)
      from tables t
      join pg_catalog.pg_index i on i.indrelid = t.oid
      join pg_catalog.pg_class x on x.oid = i.indexrelid
     where i.indexprs is not null or i.indpred is not null
     union all
    select pg_catalog.format('generated column %I of %s', a.attname, t.name), d.adbin::pg_catalog.text
      from tables t
     cross join (select ''::"char" as attgenerated) before_12
     cross join lateral (select attrelid, attnum, attname
                           from pg_catalog.pg_attribute
                          where attrelid = t.oid and attnum > 0 and not attisdropped and attgenerated <> '') a
      join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     union all
    select pg_catalog.format('partition key of %s', t.name), p.partexprs::pg_catalog.text
      from tables t
      join pg_catalog.pg_partitioned_table p on p.partrelid = t.oid
     where p.partexprs is not null),
functions(what, oid) as (
    -- `:funcid 123 ` or `:opfuncid 123 `; splitting is many times faster than a regular expression.
    select e.what, pg_catalog.split_part(p.piece, ' ', 1)::pg_catalog.oid
      from expressions e
     cross join lateral pg_catalog.unnest((pg_catalog.string_to_array(e.tree, 'funcid '))[2:]) p(piece)
     where pg_catalog.left(p.piece, 1) between '0' and '9')
select e.what
  from expressions e
 where pg_catalog.strpos(e.tree, '{COERCEVIAIO') > 0
    or pg_catalog.strpos(e.tree, '{SQLVALUEFUNCTION') > 0
    or pg_catalog.strpos(e.tree, '{XMLEXPR') > 0
 union
select f.what
  from functions f
  join pg_catalog.pg_proc p on p.oid = f.oid
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
 where p.provolatile <> 'i' or n.nspname <> 'pg_catalog'
 union
select pg_catalog.format('trigger %I of %s', g.tgname, t.name)
  from tables t
  join pg_catalog.pg_trigger g on g.tgrelid = t.oid
 where g.tgenabled in ('A', 'R') and not g.tgisinternal
 union
select pg_catalog.format('rule %I of %s', r.rulename, t.name)
  from tables t
  join pg_catalog.pg_rewrite r on r.ev_class = t.oid
 where r.ev_enabled in ('A', 'R')
 order by 1
