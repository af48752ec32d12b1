-- $1: the customer; $2: the group, may be null.
insert into "order" (customer_id, "group", invoice_number, discount)
values ($1, $2, nextval('invoice_number'), mod($1::integer, 100))
returning id
