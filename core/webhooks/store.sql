-- Store many deliveries at once: a new event with its job, a known one by counting it (unique index on provider,
-- event_id). The caller has merged deliveries of one event.
with stored as (
    insert into app.webhook_events (
        provider, event_id, type, api_version, account, livemode, occurred_at, body, data, deliveries
    )
    select e.provider, e.event_id, e.type, e.api_version, e.account, e.livemode, e.occurred_at, e.body, e.data,
           e.deliveries
    from jsonb_to_recordset(cast(:events as jsonb)) as e (
        provider text, event_id text, type text, api_version text, account text, livemode boolean,
        occurred_at timestamptz, body text, data jsonb, deliveries integer
    )
    on conflict (provider, event_id) do update set deliveries = webhook_events.deliveries + excluded.deliveries
    returning id, xmax = 0 as fresh
)
insert into app.jobs (kind, payload, cause_id)
select 'webhooks.process', jsonb_build_object('v', 1, 'event_id', id), id from stored where fresh
