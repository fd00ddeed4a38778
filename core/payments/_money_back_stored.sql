-- What follows from refunds or disputes that `stored` names: their orders are derived by jobs, and a state that needs a
-- person (:finding_state) opens a finding (:finding_kind).
changed as materialized (
    select s.id, s.state, s.amount, s.currency, p.order_id,
           (select n.event_id from newest n where n.provider_id = s.provider_id) as event_id
    from stored s
    left join app.payments p on p.provider = 'stripe' and p.provider_payment_id = s.provider_payment_id
),
derived as (
    insert into app.jobs (kind, payload, cause_id)
    select 'payments.derive', jsonb_build_object('v', 1, 'order_id', order_id), (array_agg(event_id order by event_id))[1]
    from changed
    where order_id is not null
    group by order_id
),
to_open as (
    select cast(:finding_kind as text) as kind, id as subject_id, order_id,
           jsonb_build_object('amount', amount, 'currency', currency) as details
    from changed
    where state = :finding_state
),
-- include findings/_opened,
outcomes as materialized (
    select id, 'processed' as state, kind || ' ' || (data ->> 'state') as outcome
    from undecided
    where kind = :event_kind
)
