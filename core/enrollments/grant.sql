-- Grant a batch of enrollments, one for each order item. A course that the buyer has bought before is granted too, and is
-- a finding. Completing the jobs comes first: it fences the rest and needs no lock of its own.
with
-- include jobs/_whole_batch,
-- include jobs/_completed,
-- An order that was refunded or is disputed, and a line that was given back, entitle to nothing.
entitled as materialized (
    select i.id as order_item_id, i.order_id, o.profile_id, i.course_id
    from app.order_items i
    join app.orders o on o.id = i.order_id
    where i.id = any (array(select cast(payload ->> 'order_item_id' as uuid) from completed))
      and o.state in ('paid', 'fulfilled') and i.refunded_at is null
    order by o.id, i.id
    for share of o, i
),
-- The number 1 is free once for each profile and course, whatever else is granted at the same time. Rows are inserted in
-- one order, so that two batches with purchases of the same buyers cannot deadlock.
first_purchase as (
    insert into app.enrollments (profile_id, course_id, order_item_id, purchase_number)
    select profile_id, course_id, order_item_id, 1 from entitled order by profile_id, course_id, order_item_id
    on conflict do nothing
    returning id, profile_id, course_id, order_item_id
),
further_purchase as (
    insert into app.enrollments (profile_id, course_id, order_item_id, purchase_number)
    select e.profile_id, e.course_id, e.order_item_id,
           greatest(1, (select max(p.purchase_number) from app.enrollments p
                        where p.profile_id = e.profile_id and p.course_id = e.course_id))
           + row_number() over (partition by e.profile_id, e.course_id order by e.order_item_id)
    from entitled e
    where e.order_item_id not in (select order_item_id from first_purchase)
    order by e.profile_id, e.course_id, e.order_item_id
    on conflict (order_item_id) where order_item_id is not null do update
        set state = 'active', revoked_at = null, granted_at = now()
        where enrollments.state = 'revoked'
    returning id, profile_id, course_id, order_item_id
),
granted as materialized (
    select * from first_purchase union all select * from further_purchase
),
-- include enrollments/_access_email,
-- include enrollments/_bought_again,
-- include findings/_opened,
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'enrollments:enrollment:granted', id,
           jsonb_build_object('profile_id', profile_id, 'course_id', course_id, 'order_item_id', order_item_id)
    from granted
)
select pg_notify('aula_done', :batch)
