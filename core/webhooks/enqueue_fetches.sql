-- Events whose body does not tell enough: their objects are fetched, unless what they would tell is known.
with
-- include webhooks/_batch_events,
told as materialized (
    select b.id, d.*,
           d.object_id || ':' || coalesce(d.transaction_id, cast(d.refunded as text), cast(b.id as text)) as cause
    from undecided b
    cross join lateral jsonb_to_record(b.data)
        as d (object text, object_id text, transaction_id text, payment_id text, refunded bigint)
    where b.kind = 'fetch'
),
wanted as materialized (
    select distinct on (cause) *
    from told
    where not exists (select from app.book_entries e where e.transaction_id = told.transaction_id)
      and (refunded is null
           or refunded > coalesce((select sum(r.amount) from app.refunds r
                                   where r.provider_payment_id = told.payment_id
                                     and r.state in ('pending', 'succeeded')), 0))
    order by cause
),
enqueued as (
    insert into app.jobs (kind, payload, dedupe_key, cause_id)
    select 'webhooks.fetch', jsonb_build_object('v', 1, 'object_kind', object, 'object_id', object_id),
           'fetch:' || cause, id
    from wanted
    order by cause
    on conflict (dedupe_key) where dedupe_key is not null and state in ('pending', 'dispatched') do nothing
),
outcomes as materialized (
    select id, 'processed' as state,
           case when cause in (select cause from wanted) then 'its object is fetched' else 'known already' end as outcome
    from told
),
-- include webhooks/_applied
