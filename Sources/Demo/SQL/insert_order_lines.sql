-- $1: the order; $2 and $3: arrays of the products and their quantities.
insert into order_line (order_id, line_number, product_id, quantity, unit_price)
select $1::uuid, wanted.line, product.id, wanted.quantity, product.price
from unnest($2::bigint[], $3::integer[]) with ordinality as wanted (product_id, quantity, line)
join product on product.id = wanted.product_id
