-- Nothing younger than :grace seconds counts: work may be under way.
with
-- include maintenance/_changed,
changed_gifts as materialized (
    select e.id from app.enrollments e where e.gift_id is not null and e.id >= cast(:since as uuid)
    union
    select e.id
    from app.audit_events a
    join app.enrollments e on e.gift_id = a.subject_id
    where a.id >= cast(:since as uuid) and cast(:since as uuid) <> '00000000-0000-0000-0000-000000000000'
)
select 'fulfilled order without its enrollment' as invariant, count(*) as violations
from changed c
join app.orders o on o.id = c.id
join app.order_items i on i.order_id = o.id
where o.state = 'fulfilled' and i.course_id is not null and i.refunded_at is null
  and o.fulfilled_at < now() - make_interval(secs => :grace)
  and not exists (select from app.enrollments e where e.order_item_id = i.id)
union all
select 'enrollment without a paid order', count(*)
from changed c
join app.orders o on o.id = c.id
join app.order_items i on i.order_id = o.id
join app.enrollments e on e.order_item_id = i.id
where e.state = 'active' and o.state not in ('paid', 'fulfilled')
union all
select 'enrollment of a withdrawn gift', count(*)
from changed_gifts c
join app.enrollments e on e.id = c.id
join app.gifts g on g.id = e.gift_id
where e.state = 'active' and g.withdrawn_at is not null
union all
select 'course bought twice without a finding', count(*)
from app.enrollments e
join app.enrollments p on p.profile_id = e.profile_id and p.course_id = e.course_id and p.purchase_number < e.purchase_number
where e.id >= cast(:since as uuid) and e.state = 'active' and p.state = 'active'
  and not exists (select from app.findings f
                  where f.kind = 'course_already_owned' and f.subject_id in (e.order_item_id, p.order_item_id))
