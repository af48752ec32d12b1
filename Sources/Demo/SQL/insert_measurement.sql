-- $1: any text; $2: a number that chooses among difficult values.
insert into "Measurement"
    ("Id", "user", "Value", "double", span, address, flags, at, "timeOfDay", samples, raw, document)
select gen_random_uuid(), $1, (array['NaN', '-0.000001', '1e30', null]::numeric[])[n % 4 + 1],
    (array['NaN', '-Infinity', '0.1', '-0', null]::float8[])[n % 5 + 1], make_interval(months => n % 30, secs => n / 7.0),
    '10.0.0.1'::inet + n, (n % 256)::bit(8),
    (array['infinity', '0044-03-15 12:00:00+00 BC', null]::timestamptz[])[n % 3 + 1], '24:00',
    array[null, n, 'Infinity']::float8[], decode(to_hex(n % 16) || '0' || '00ff', 'hex'), '{"a" : 1,  "a":2}'
from (select $2::integer as n) as picked
