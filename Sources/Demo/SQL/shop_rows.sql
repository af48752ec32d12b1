-- Fills the shop with about as many rows as the setting shop.rows says:
-- select set_config('shop.rows', '200000', false);

select setseed(0.42);

insert into category (id, parent_id, name, path)
select n, case when n > 8 then (n - 1) % 8 + 1 end, 'Category ' || n,
    case when n > 8 then array['Category ' || ((n - 1) % 8 + 1), 'Category ' || n] else array['Category ' || n] end
from generate_series(1, 40) n;

insert into customer (email, name, balance, opening_balance, tags, profile, birthday, joined_at)
select
    'customer' || n || '@shop.example',
    (array['Ada Lovelace', 'Renée "Zoë" D''Arc', 'Łukasz\Żółć', E'tab\there', E'two\nlines', '寿司 🍣', ''])[n % 7 + 1]
        || case when n % 7 = 6 then '' else ' ' || n end,
    opening, opening,
    (array[null, '{}', '{plain}', '{"with, comma",NULL,"quo\"te","back\\slash",""}', '{NULL}']::text[])[n % 5 + 1]::text[],
    jsonb_build_object('language', (array['de', 'pl', 'ja'])[n % 3 + 1], 'visits', n, 'note', E'a\\b "c" \u00e9',
        'nested', jsonb_build_array(1, null, 2.50, jsonb_build_object('', false))),
    case n % 50 when 0 then null when 1 then 'infinity'::date when 2 then '0044-03-15 BC'::date
        else date '1950-01-01' + (n * 37) % 20000 end,
    case n % 97 when 0 then 'infinity'::timestamptz when 1 then '-infinity'::timestamptz
        when 2 then '0753-04-21 12:00:00+00 BC'::timestamptz
        else timestamptz '2020-01-01 00:00:00.123456+00' + n * interval '7 minutes 0.001 seconds' end
from (
    select n, (n % 1000) * 1.25 as opening
    from generate_series(1, greatest(20, current_setting('shop.rows')::int / 20)) n
) as numbers;

insert into product (sku, category_id, name, price, stock_quantity, opening_stock, dimensions, attributes, updated_at)
select 'SKU-' || lpad(n::text, 8, '0'), n % 40 + 1, 'Product ' || n, 1 + (n * 7919 % 50000) / 100.0, stock, stock,
    case n % 4 when 0 then null when 1 then array[n, 2.50, 'NaN'] when 2 then array[null, 1e20, -0.000001]
        else '{}' end::numeric[],
    case when n % 10 = 0 then null else jsonb_build_object('colour', n % 16, 'sizes', array['s', 'm', 'l']) end,
    timestamp '2024-05-05 05:05:05.555' + n * interval '1.001 seconds'
from (
    select n, 10000 + n % 100 as stock
    from generate_series(1, greatest(20, current_setting('shop.rows')::int / 50)) n
) as numbers;

insert into price_history (product_id, old_price, new_price, changed_at)
select id, price + 1, price, timestamptz '2024-01-01 00:00:00+00' + id * interval '1 minute' from product;

-- Between 20 and 100 kB each, which do not compress, so that they are stored out of line.
insert into product_document (product_id, title, body, picture)
select n, 'Manual of product ' || n,
    (select string_agg(encode(sha512((n || '/' || piece)::bytea), 'base64'), E'\n')
        from generate_series(1, 230 + n * 61 % 900) piece),
    case when n % 3 = 0 then null when n % 3 = 1 then '\x00ff00' || sha512(n::text::bytea)
        else (select string_agg(sha512((piece || '-' || n)::bytea), '\x00') from generate_series(1, 300) piece) end
from generate_series(1, greatest(10, current_setting('shop.rows')::int / 1000)) n;

insert into "order" (id, customer_id, status, invoice_number, "group", discount, placed_at)
select md5('order ' || n)::uuid, 1 + n * 31 % customers, (enum_range(null::order_status))[n % 5 + 1],
    nextval('invoice_number'), (array[null, '', 'wholesale', E'\\N', 'a|b'])[n % 5 + 1],
    case when n % 4 = 0 then n % 100 end, timestamptz '2025-01-01 00:00:00+00' + n * interval '2 minutes'
from generate_series(1, greatest(40, current_setting('shop.rows')::int * 13 / 100)) n,
    (select count(*)::int as customers from customer) as counted;

insert into order_line (order_id, line_number, product_id, quantity, unit_price, note)
select md5('order ' || n)::uuid, line, 1 + (n * 13 + line * 101) % products, 1 + n % 5, (n % 9000 + 99) / 100.0,
    (array[null, '', 'gift', E'line\r\nbreak', E'tab\tand\\backslash'])[(n + line) % 5 + 1]
from generate_series(1, greatest(40, current_setting('shop.rows')::int * 13 / 100)) n,
    generate_series(1, 1 + n % 5) line, (select count(*)::int as products from product) as counted;

insert into "Shipment" ("orderId", "trackingNumber", "weightKg", "shippedAt")
select md5('order ' || n)::uuid, 'T' || n, (n % 700) / 7.0, timestamptz '2025-01-02 00:00:00.789+00' + n * interval '3 minutes'
from generate_series(4, greatest(40, current_setting('shop.rows')::int * 13 / 100), 4) n;

insert into wish (customer_id, product_id, priority, wished_at)
select distinct on (customer, product) customer, product, n % 5, timestamptz '2025-06-01 00:00:00+00' + n * interval '1 second'
from (
    select n, 1 + n * 17 % (select count(*) from customer) as customer, 1 + n * 29 % (select count(*) from product) as product
    from generate_series(1, greatest(20, current_setting('shop.rows')::int / 20)) n
) as wishes;

insert into stock_movement (product_id, quantity, moved_on, reason)
select 1 + n % products, n % 40 - 20, date '2024-01-01' + n % 1000, case when n % 3 = 0 then null else 'count ' || n end
from generate_series(1, greatest(40, current_setting('shop.rows')::int * 15 / 100)) n,
    (select count(*)::int as products from product) as counted;

-- Every fifth row exists twice.
insert into page_view (product_id, path, referrer, viewed_at)
select case when n % 11 = 0 then null else 1 + n * 3 % products end, '/product/' || n,
    case when n % 2 = 0 then 'https://search.example/?q=' || n end, timestamp '2025-03-01' + n * interval '1.5 seconds'
from generate_series(1, greatest(40, current_setting('shop.rows')::int * 8 / 100)) n,
    generate_series(1, case when n % 5 = 0 then 2 else 1 end),
    (select count(*)::int as products from product) as counted;

insert into coupon (code, discount, valid_until, remark)
select 'C-' || n, case n % 20 when 0 then 'NaN' when 1 then 0.1 ^ 12 else n / 7.0 end,
    case when n % 3 = 0 then 'infinity' else timestamptz '2026-01-01 00:00:00+02' + n * interval '1 hour' end,
    case n % 3 when 0 then null when 1 then '' else 'Größe ' || n end
from generate_series(1, greatest(20, current_setting('shop.rows')::int / 100)) n;

insert into "Measurement"
    ("Id", "user", "Value", "double", span, address, flags, at, "timeOfDay", samples, raw, document)
select md5('measurement ' || n)::uuid, (array[null, '', 'NULL', E'\\.', E'\u2028', ' lead and trail '])[n % 6 + 1],
    (array['NaN', '0', '-0.0000000001', '123456789012345678901234567890.123456789', null]::numeric[])[n % 5 + 1],
    (array['NaN', 'Infinity', '-Infinity', '-0', '1e-300', '0.1', null]::double precision[])[n % 7 + 1],
    (array['1 year 2 mons -3 days 04:05:06.789', '-00:00:00.000001', '0']::interval[])[n % 3 + 1],
    (array['192.168.0.1/24', '::1', null]::inet[])[n % 3 + 1], (n % 256)::bit(8),
    (array['infinity', '-infinity', '4713-01-01 00:00:00+00 BC', '2024-02-29 23:59:59.999999+00', '294276-12-31 23:59:59+00']
        ::timestamptz[])[n % 5 + 1],
    (array['00:00', '24:00', '12:34:56.789']::time[])[n % 3 + 1],
    (array['{}', '{NULL,NaN,Infinity}', '{{1,2},{3,4}}', '[5:6]={0.5,0.25}']::text[])[n % 4 + 1]::double precision[],
    (array['\x', '\x00', '\x0009090a5c00ff', null]::bytea[])[n % 4 + 1],
    (array['{"a" : 1,  "a":2}', '[ ]', '"\u00e9"', null]::json[])[n % 4 + 1]
from generate_series(1, greatest(40, current_setting('shop.rows')::int / 100)) n;

-- Fills the materialized view for the start.
refresh materialized view daily_sales;

analyze;
