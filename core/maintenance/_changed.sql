-- Orders that changed at the time of the id :since or later: they are as new, or an audit entry, an enrollment, a payment or
-- a refund of theirs is. With the lowest id: all.
changed as materialized (
    select o.id from app.orders o where o.id >= cast(:since as uuid)
    union
    select o.id
    from app.audit_events a
    join app.orders o on o.id = a.subject_id
    where a.id >= cast(:since as uuid) and cast(:since as uuid) <> '00000000-0000-0000-0000-000000000000'
    union
    select i.order_id
    from app.enrollments e
    join app.order_items i on i.id = e.order_item_id
    where e.id >= cast(:since as uuid) and cast(:since as uuid) <> '00000000-0000-0000-0000-000000000000'
    union
    select p.order_id
    from app.payments p
    where p.id >= cast(:since as uuid) and cast(:since as uuid) <> '00000000-0000-0000-0000-000000000000'
    union
    select p.order_id
    from app.refunds r
    join app.payments p on p.id = r.payment_id
    where r.id >= cast(:since as uuid) and cast(:since as uuid) <> '00000000-0000-0000-0000-000000000000'
)
