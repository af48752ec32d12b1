-- $1: the customer; $2: a number.
update customer
set profile = jsonb_set(profile, '{visits}', to_jsonb($2::bigint)),
    tags = array[null, 'visit ' || $2, E'a\\b"c', '']
where id = $1
