-- Counts the rows of every table that the application inserts into or deletes from.
select 'order', count(*) from "order"
union all select 'order_line', count(*) from order_line
union all select 'Shipment', count(*) from "Shipment"
union all select 'customer', count(*) from customer
union all select 'product', count(*) from product
union all select 'product_document', count(*) from product_document
union all select 'price_history', count(*) from price_history
union all select 'stock_movement', count(*) from stock_movement
union all select 'page_view', count(*) from page_view
union all select 'wish', count(*) from wish
union all select 'coupon', count(*) from coupon
union all select 'Measurement', count(*) from "Measurement"
