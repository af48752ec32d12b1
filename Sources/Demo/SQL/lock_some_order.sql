-- Locks an order anywhere in the table that nobody else has locked, and says what hangs on it.
select o.id, (select count(*) from order_line l where l.order_id = o.id),
    (select count(*) from "Shipment" s where s."orderId" = o.id)
from "order" o
where o.id >= $1::uuid
order by o.id
limit 1
for update of o skip locked
