-- An order that can be paid is paid by its first matching payment, and is to be fulfilled. An order whose payment in
-- progress ended with money that does not match can be paid again.
paid as (
    update app.orders
    set state = 'paid', paid_at = now()
    where id = any (array(select order_id from new_payment where matches and not is_erased and rank = 1))
      and state = any (cast(:payable as text[]))
    returning id, profile_id, total_amount, currency
),
reopened as (
    update app.orders
    set state = 'pending', expires_at = greatest(expires_at, now() + cast(:time_after_failure as interval))
    where id = any (array(select order_id from new_payment where not matches and rank = 1))
      and state = 'processing'
      and not exists (select from app.payments p
                      where p.order_id = orders.id and p.state = 'processing'
                        and p.provider_payment_id not in (select payment_id from new_payment))
    returning id
),
-- The event that paid each order, as one object: a join would compare each order with every payment.
event_of as materialized (
    select jsonb_object_agg(order_id, event_id) as by_order from new_payment where rank = 1
),
enqueued as (
    insert into app.jobs (kind, payload, profile_id, cause_id)
    select 'orders.fulfil', jsonb_build_object('v', 1, 'order_id', id), profile_id,
           cast((select by_order from event_of) ->> cast(id as text) as uuid)
    from paid
    union all
    -- Its refund or dispute may have been told before; and a second payment may cover an order whose first was returned.
    select 'payments.derive', jsonb_build_object('v', 1, 'order_id', n.order_id), null, n.event_id
    from new_payment n
    where n.rank > 1 or n.order_id not in (select id from paid)
       or exists (select from app.refunds r where r.provider_payment_id = n.payment_id)
       or exists (select from app.disputes d where d.provider_payment_id = n.payment_id)
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'stripe:order:paid', id, jsonb_build_object('amount', total_amount, 'currency', currency) from paid
    union all
    select 'stripe:order:reopened', id, '{}' from reopened
)
