-- Close findings whose cause is gone: the job has succeeded, the event was applied, the dispute has ended, the money was
-- given back, or one of two purchases of a course was.
with candidate as materialized (
    select id, kind, subject_id, details ->> 'payment' as payment from app.findings where closed_at is null
),
-- include findings/_bought_once,
gone as (
    select c.id, 'resolved' as resolution
    from candidate c
    cross join lateral (select from app.jobs where id = c.subject_id and state = 'succeeded' limit 1) job
    where c.kind = 'job_dead'
    union all
    select c.id, 'resolved'
    from candidate c
    cross join lateral (
        select from app.webhook_events where id = c.subject_id and state in ('processed', 'ignored') limit 1
    ) event
    where c.kind = 'event_dead'
    union all
    select c.id, 'resolved'
    from candidate c
    cross join lateral (select from app.webhook_events where id = c.subject_id and state = 'processed' limit 1) event
    where c.kind = 'money_ignored'
    union all
    select c.id, 'resolved'
    from candidate c
    join app.disputes d on d.id = c.subject_id and d.state <> 'open'
    where c.kind = 'dispute_open'
    union all
    select c.id, 'resolved'
    from candidate c
    join app.disputes d on d.provider_payment_id = c.payment
    where c.kind = 'fraud_warning'
    union all
    select id, 'resolved' from bought_once
    union all
    select c.id, 'resolved'
    from candidate c
    join app.seminars s on s.id = c.subject_id and s.state <> 'published'
    where c.kind = 'room_missing'
    union all
    -- The provider says that it has not failed after all.
    select c.id, 'resolved'
    from candidate c
    join app.refunds r on r.id = c.subject_id and r.state = 'succeeded'
    where c.kind = 'refund_failed'
    union all
-- include findings/_refunded
),
-- include findings/_resolved
select count(*) from resolved
