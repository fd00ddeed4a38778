-- Mark the events that were applied one by one, and complete their jobs.
with
-- include webhooks/_batch_events,
outcomes as materialized (
    select id, state, outcome
    from jsonb_to_recordset(cast(:outcomes as jsonb)) as o (id uuid, state text, outcome text)
    where id in (select id from batch_events)
),
-- include webhooks/_applied
