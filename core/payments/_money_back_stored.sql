-- What follows from refunds or disputes that `stored` names: their orders are derived by jobs, and a state that needs a
-- person (:finding_state) opens a finding (:finding_kind). After a failed refund, findings about payments that had closed
-- because the money was given back open again.
changed as materialized (
    select s.id, s.state, s.amount, s.currency, p.order_id, p.id as own_payment_id
    from stored s
    left join app.payments p on p.provider = 'stripe' and p.provider_payment_id = s.provider_payment_id
),
derived as (
    insert into app.jobs (kind, payload)
    select 'payments.derive', jsonb_build_object('v', 1, 'order_id', order_id)
    from changed
    where order_id is not null
    group by order_id
),
kept_again as materialized (
    select distinct on (f.kind, f.subject_id) f.kind, f.subject_id, f.order_id, f.details
    from changed c
    join app.findings f on f.order_id = c.order_id
    where c.state = 'failed' and f.resolution = 'resolved'
      and (f.kind = 'second_payment'
           or f.kind in ('payment_mismatch', 'closed_order_paid') and f.subject_id = c.own_payment_id)
    order by f.kind, f.subject_id, f.id
),
to_open as (
    select cast(:finding_kind as text) as kind, id as subject_id, order_id,
           jsonb_build_object('amount', amount, 'currency', currency) as details
    from changed
    where state = :finding_state
    union all
    select kind, subject_id, order_id, details from kept_again
),
-- include findings/_opened,
outcomes as (
    select b.id, case when b.livemode is not distinct from :livemode then 'processed' else 'ignored' end as state,
           case when b.livemode is not distinct from :livemode then b.kind || ' ' || (b.data ->> 'state')
                else 'wrong livemode' end as outcome
    from batch_events b
    where b.kind = :event_kind and b.state in ('received', 'dead')
)
