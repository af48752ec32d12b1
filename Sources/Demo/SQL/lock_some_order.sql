-- $1: a random order's key. Locks the next order that is not locked, and counts its lines and shipments.
select o.id, (select count(*) from order_line l where l.order_id = o.id),
    (select count(*) from "Shipment" s where s."orderId" = o.id)
from "order" o
where o.id >= $1::uuid
order by o.id
limit 1
for update of o skip locked
