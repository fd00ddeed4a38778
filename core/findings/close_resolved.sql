-- Close findings whose cause is gone: the job has succeeded, the event was applied, the dispute has ended, or the money
-- was given back.
with candidate as materialized (
    select id, kind, subject_id, details ->> 'payment' as payment
    from app.findings
    where closed_at is null and kind in ('job_dead', 'event_dead', 'dispute_open', 'second_payment', 'payment_mismatch', 'closed_order_paid',
                                         'money_ignored', 'fraud_warning')
),
gone as (
    select c.id
    from candidate c
    cross join lateral (select from app.jobs where id = c.subject_id and state = 'succeeded' limit 1) job
    where c.kind = 'job_dead'
    union all
    select c.id
    from candidate c
    cross join lateral (
        select from app.webhook_events where id = c.subject_id and state in ('processed', 'ignored') limit 1
    ) event
    where c.kind = 'event_dead'
    union all
    select c.id
    from candidate c
    join app.disputes d on d.id = c.subject_id and d.state <> 'open'
    where c.kind = 'dispute_open'
    union all
    select c.id
    from candidate c
    cross join lateral (select from app.webhook_events where id = c.subject_id and state = 'processed' limit 1) event
    where c.kind = 'money_ignored'
    union all
    -- The payment that the warning is about was given back whole, or is disputed.
    select c.id
    from candidate c
    join app.payments p on p.provider = 'stripe' and p.provider_payment_id = c.payment
    where c.kind = 'fraud_warning'
      and (p.amount <= (select sum(r.amount) from app.refunds r
                        where r.provider_payment_id = p.provider_payment_id and r.state = 'succeeded')
           or exists (select from app.disputes d where d.provider_payment_id = p.provider_payment_id))
    union all
    -- The payment in question was given back; of several, all but one.
    select c.id
    from candidate c
    join app.payments own on own.id = c.subject_id
    where c.kind in ('second_payment', 'payment_mismatch', 'closed_order_paid')
      and (select count(*)
           from app.payments p
           where p.order_id = own.order_id and p.state = 'succeeded' and (c.kind = 'second_payment' or p.id = own.id)
             and (p.amount = 0 or p.amount > coalesce((select sum(r.amount) from app.refunds r
                                      where r.provider_payment_id = p.provider_payment_id and r.state = 'succeeded'), 0))
             and not exists (select from app.disputes d
                             where d.provider_payment_id = p.provider_payment_id and d.state = 'lost')
          ) <= case when c.kind = 'second_payment' then 1 else 0 end
),
-- include findings/_resolved
select count(*) from resolved
