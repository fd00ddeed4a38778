-- Revoke the enrollments of orders and lines that entitle to nothing any more. What entitles again keeps them.
with
-- include jobs/_whole_batch,
-- include jobs/_completed,
ended as materialized (
    select i.id
    from app.orders o
    join app.order_items i on i.order_id = o.id
    where o.id = any (array(select cast(payload ->> 'order_id' as uuid) from completed))
      and (o.state not in ('paid', 'fulfilled') or i.refunded_at is not null)
    order by o.id, i.id
    for share of o, i
),
revoked as (
    update app.enrollments
    set state = 'revoked', revoked_at = now()
    where state = 'active'
      and order_item_id = any (array(select id from ended))
    returning id, profile_id, course_id, order_item_id
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'enrollments:enrollment:revoked', id,
           jsonb_build_object('profile_id', profile_id, 'course_id', course_id, 'order_item_id', order_item_id)
    from revoked
)
select pg_notify('aula_done', :batch)
