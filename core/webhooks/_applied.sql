-- The end of every statement that applies events. `outcomes (id, state, outcome)` says what became of each: the events
-- are marked, their jobs completed, and the rest of the batch is counted. An event without a meaning is ignored here.
event_outcomes as materialized (
    select id, state, outcome from outcomes
    union all
    select id, 'ignored', 'nothing to do' from batch_events where kind = 'none' and state in ('received', 'dead')
),
marked as (
    update app.webhook_events e
    set state = o.state, outcome = o.outcome, processed_at = now()
    from event_outcomes o
    where e.id = o.id
),
job_outcomes as materialized (
    select job_id, cast(null as jsonb) as result
    from batch_jobs
    where event_id in (select id from event_outcomes)
       or event_id in (select id from batch_events where state in ('processed', 'ignored'))
),
-- include jobs/_completed
select (select count(*) from batch_jobs) - (select count(*) from completed) as left_over, pg_notify('aula_done', :batch)
