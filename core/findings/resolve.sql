-- Close findings whose cause is gone.
with gone as (
    select unnest(cast(:ids as uuid[])) as id
),
-- include findings/_resolved
select count(*) from resolved
