-- $1: the product; $2: a number that changes the text.
update product_document
set read_count = read_count + 1,
    body = (select string_agg(encode(sha512(($1::text || '/' || $2::text || '/' || piece)::bytea), 'base64'), E'\n')
        from generate_series(1, 300 + mod($2::integer, 400)) piece)
where product_id = $1::bigint
