-- The lines whose money was given back, or is on its way back: set, and cleared when that has failed.
line as materialized (
    select i.id, i.course_id, i.seminar_id, o.id as order_id, o.profile_id, i.refunded_at is not null as was_given_back,
           coalesce(back.amount >= i.unit_amount * i.quantity, false) as is_given_back
    from locked o
    join app.order_items i on i.order_id = o.id
    left join lateral (
        select sum(l.amount) as amount
        from app.refund_items l
        join app.refunds r on r.id = l.refund_id
        where l.order_item_id = i.id and r.state in ('requested', 'pending', 'succeeded')
    ) back on true
),
changed_line as (
    update app.order_items i
    set refunded_at = case when l.is_given_back then now() end
    from line l
    where i.id = l.id and l.was_given_back <> l.is_given_back
    returning i.id, i.course_id, i.seminar_id, l.order_id, l.profile_id, l.is_given_back
),
lines_audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'payments:item:refunded', id, jsonb_build_object('order_id', order_id) from changed_line where is_given_back
    union all
    select 'payments:item:restored', id, jsonb_build_object('order_id', order_id) from changed_line where not is_given_back
)
