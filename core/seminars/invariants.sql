-- Nothing younger than :grace seconds counts: work may be under way.
select 'seats counted wrongly' as invariant, count(*) as violations
from app.seminars m
where m.seats_taken <> (select count(*) from app.seminar_seats s
                        where s.seminar_id = m.id and s.state in ('offered', 'held', 'confirmed'))
union all
select 'fulfilled order without its seat or its money', count(*)
from app.orders o
join app.order_items i on i.order_id = o.id
where o.state = 'fulfilled' and i.seminar_id is not null and i.unit_amount > 0 and i.refunded_at is null
  and o.fulfilled_at < now() - make_interval(secs => :grace)
  and not exists (select from app.seminar_seats s where s.order_item_id = i.id and s.state in ('confirmed', 'released'))
union all
select 'confirmed seat of an order that gives nothing', count(*)
from app.seminar_seats s
join app.order_items i on i.id = s.order_item_id
join app.orders o on o.id = i.order_id
where s.state = 'confirmed' and o.state not in ('paid', 'fulfilled')
