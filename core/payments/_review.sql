-- Payments that do not fit their order put it in review: a person must look.
foreign_payment as (
    select d.id, d.order_id
    from decision d
    join app.payments p on p.provider = 'stripe' and p.provider_payment_id = d.payment_id
    where d.reason not in ('unknown order', 'wrong livemode')
      and d.order_id not in (select order_id from recorded)
      and p.order_id <> d.order_id
),
to_review as (
    select order_id, reason from decision where order_id in (select order_id from recorded where state = 'review')
    union all
    select order_id, 'payment of another order' from foreign_payment
),
reviewed as (
    update app.orders o
    set state = 'review', review_reason = r.reason
    from to_review r
    where o.id = r.order_id and o.state = any (cast(:reviewable as text[]))
    returning o.id, r.reason
),
review_audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'stripe:order:review', id, jsonb_build_object('reason', reason) from reviewed
)
