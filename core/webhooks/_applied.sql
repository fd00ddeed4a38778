-- The end of every statement that applies events. `outcomes (id, state, outcome)` says what became of each: the events
-- are marked, their jobs completed, and the rest of the batch is counted.
outcome_of as materialized (
    select jsonb_object_agg(id, jsonb_build_array(state, outcome)) as by_event from outcomes
),
marked as (
    update app.webhook_events e
    set state = (select by_event from outcome_of) -> cast(e.id as text) ->> 0,
        outcome = (select by_event from outcome_of) -> cast(e.id as text) ->> 1,
        processed_at = now()
    where e.id = any (array(select id from outcomes))
),
job_outcomes as materialized (
    select job_id, cast(null as jsonb) as result
    from batch_jobs
    where event_id in (select id from outcomes) or event_id in (select id from batch_events where state = 'processed')
),
-- include jobs/_completed
select (select count(*) from batch_jobs) - (select count(*) from completed) as left_over, pg_notify('aula_done', :batch)
