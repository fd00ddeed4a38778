-- Events without a meaning here, and events of another account or mode, are ignored. Where they name money, a person must
-- know.
with
-- include webhooks/_batch_events,
ignored as materialized (
    select id, kind, data, coalesce(foreign_reason, data ->> 'reason', 'nothing to do') as outcome
    from batch_events
    where state <> 'processed' and (foreign_reason is not null or kind in ('none', 'unreadable'))
),
money as (
    select id, jsonb_strip_nulls(jsonb_build_object('reason', outcome, 'amount', data -> 'amount',
                                                    'currency', data -> 'currency')) as details
    from ignored
    where kind = any (cast(:money_kinds as text[]))
),
to_open as (
    select 'money_ignored' as kind, id as subject_id, cast(null as uuid) as order_id, details from money order by id
),
-- include findings/_opened,
outcomes as materialized (
    select id, 'ignored' as state, outcome from ignored
),
-- include webhooks/_applied
