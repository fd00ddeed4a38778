with
-- include maintenance/_changed
select 'paid order without its payment' as invariant, count(*) as violations
from changed c
join app.orders o on o.id = c.id
where o.state in ('paid', 'fulfilled') and o.total_amount > 0
  and not exists (select from app.payments p where p.order_id = o.id and p.state = 'succeeded'
                  and (p.accepted_at is not null or (p.amount = o.total_amount and p.currency = o.currency)))
union all
select 'payment without goods or finding', count(*)
from (select p.id, o.state, row_number() over (partition by p.order_id order by f.id is not null, p.id) as rank, f.id as finding
      from changed c
      join app.orders o on o.id = c.id
      join app.payments p on p.order_id = o.id
      left join lateral (select id from app.findings where subject_id = p.id limit 1) f on true
      where p.state = 'succeeded' and p.amount > 0) money
where finding is null and (rank > 1 or state not in ('paid', 'fulfilled', 'refunded', 'disputed'))
