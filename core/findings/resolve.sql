-- Close findings whose cause is gone.
with gone as (
    select unnest(cast(:ids as uuid[])) as id, 'resolved' as resolution
),
-- include findings/_resolved
select count(*) from resolved
