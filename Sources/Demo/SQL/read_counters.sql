-- Computes every counter of the ledger from the rows.
select 'stock.' || id, stock_quantity - opening_stock from product where stock_quantity <> opening_stock
union all
select 'balance.' || id, ((balance - opening_balance) * 100)::bigint from customer where balance <> opening_balance
union all
select 'reads.' || product_id, read_count from product_document where read_count <> 0
