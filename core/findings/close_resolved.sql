-- Close findings whose cause is gone: the job has succeeded, the event was applied, the dispute has ended, or the money
-- was given back.
with candidate as materialized (
    select id, kind, subject_id
    from app.findings
    where closed_at is null and kind in ('job_dead', 'event_dead', 'dispute_open', 'second_payment', 'payment_mismatch', 'closed_order_paid')
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
    -- The payment in question was given back; of several, all but one.
    select c.id
    from candidate c
    join app.payments own on own.id = c.subject_id
    where c.kind in ('second_payment', 'payment_mismatch', 'closed_order_paid')
      and (select count(*)
           from app.payments p
           where p.order_id = own.order_id and p.state = 'succeeded' and (c.kind = 'second_payment' or p.id = own.id)
             and p.amount > coalesce((select sum(r.amount) from app.refunds r
                                      where r.provider_payment_id = p.provider_payment_id and r.state = 'succeeded'), 0)
             and not exists (select from app.disputes d
                             where d.provider_payment_id = p.provider_payment_id and d.state = 'lost')
          ) <= case when c.kind = 'second_payment' then 1 else 0 end
),
resolved as (
    update app.findings
    set closed_at = now(), resolution = 'resolved', close_reason = 'the cause is gone'
    where id = any (array(select id from gone)) and closed_at is null
    returning id, kind
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'findings:finding:closed', id, jsonb_build_object('kind', kind, 'resolution', 'resolved') from resolved
)
select count(*) from resolved
