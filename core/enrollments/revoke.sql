-- Revoke the enrollments of orders that entitle to nothing any more. An order that entitles again keeps them.
with
-- include jobs/_whole_batch,
-- include jobs/_completed,
ended as materialized (
    select id
    from app.orders
    where id = any (array(select cast(payload ->> 'order_id' as uuid) from completed))
      and state not in ('paid', 'fulfilled')
    order by id
    for share
),
revoked as (
    update app.enrollments
    set state = 'revoked', revoked_at = now()
    where state = 'active'
      and order_item_id = any (array(select i.id from ended e join app.order_items i on i.order_id = e.id))
    returning id, profile_id, course_id, order_item_id
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'enrollments:enrollment:revoked', id,
           jsonb_build_object('profile_id', profile_id, 'course_id', course_id, 'order_item_id', order_item_id)
    from revoked
)
select pg_notify('aula_done', :batch)
