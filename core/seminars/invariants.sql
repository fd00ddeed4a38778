-- Nothing younger than :grace seconds counts: work may be under way.
with
-- include maintenance/_changed,
changed_seminars as materialized (
    select m.id from app.seminars m where m.id >= cast(:since as uuid)
    union
    select s.seminar_id from app.seminar_seats s where s.id >= cast(:since as uuid)
    union
    select s.seminar_id
    from app.audit_events a
    join app.seminar_seats s on s.id = a.subject_id
    where a.id >= cast(:since as uuid) and cast(:since as uuid) <> '00000000-0000-0000-0000-000000000000'
)
select 'seats counted wrongly' as invariant, count(*) as violations
from changed_seminars c
join app.seminars m on m.id = c.id
where m.seats_taken <> (select count(*) from app.seminar_seats s
                        where s.seminar_id = m.id and s.state in ('offered', 'held', 'confirmed'))
union all
select 'fulfilled order without its seat or its money', count(*)
from changed c
join app.orders o on o.id = c.id
join app.order_items i on i.order_id = o.id
where o.state = 'fulfilled' and i.seminar_id is not null and i.unit_amount > 0 and i.refunded_at is null
  and o.fulfilled_at < now() - make_interval(secs => :grace)
  and not exists (select from app.seminar_seats s where s.order_item_id = i.id and s.state in ('confirmed', 'released'))
union all
select 'confirmed seat of an order that gives nothing', count(*)
from changed c
join app.orders o on o.id = c.id
join app.order_items i on i.order_id = o.id
join app.seminar_seats s on s.order_item_id = i.id
where s.state = 'confirmed' and o.state not in ('paid', 'fulfilled')
