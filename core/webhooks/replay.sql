-- Events (:events has their ids, and their data where it was read anew) are decided again. Each one's job runs again; an
-- event without one gets a new one. One that is not decided yet is left out. Jobs are locked before events, as by the
-- statements that apply events.
with wanted as (
    select r.id, r.data from jsonb_to_recordset(cast(:events as jsonb)) as r (id uuid, data jsonb)
),
job as materialized (
    select id, cause_id as event_id
    from app.jobs
    where cause_id = any (array(select id from wanted)) and kind = 'webhooks.process'
    order by id
    for update
),
locked as materialized (
    select id
    from app.webhook_events
    where id = any (array(select id from wanted)) and (select count(*) from job) >= 0
    order by id
    for update
),
reopened as (
    update app.webhook_events e
    set state = 'received', outcome = null, processed_at = null,
        data = coalesce((select w.data from wanted w where w.id = e.id), e.data)
    where e.id = any (array(select id from locked)) and e.state <> 'received'
    returning e.id
),
revived as (
    update app.jobs
    set state = 'pending', attempts = 0, deaths = 0, isolated = false, run_at = clock_timestamp(), priority = :priority,
        finished_at = null, result = null, progress = null
    where id = any (array(select distinct on (event_id) id from job order by event_id, id desc))
      and state = any (:finished) and cause_id in (select id from reopened)
),
enqueued as (
    insert into app.jobs (kind, payload, priority, cause_id)
    select 'webhooks.process', jsonb_build_object('v', 1, 'event_id', id), :priority, id
    from reopened where id not in (select event_id from job)
),
audited as (
    insert into app.audit_events (tag, subject_id, actor_id, data)
    select 'webhooks:event:replayed', id, cast(:actor_id as uuid), jsonb_build_object('reason', cast(:reason as text))
    from reopened
)
select id from reopened
