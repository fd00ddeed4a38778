-- The newest of several events about one refund or dispute (:event_kind): the state that is furthest on.
newest as materialized (
    select distinct on (d.provider_id) d.*, p.id as own_payment_id, b.id as event_id
    from batch_events b
    cross join lateral jsonb_to_record(b.data)
        as d (provider_id text, payment_id text, amount bigint, currency text, state text)
    left join app.payments p on p.provider = 'stripe' and p.provider_payment_id = d.payment_id
    where b.kind = :event_kind and b.state in ('received', 'dead') and b.livemode is not distinct from :livemode
    order by d.provider_id, array_position(cast(:progress as text[]), d.state) desc, b.occurred_at desc
)
