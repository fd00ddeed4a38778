-- The newest of several events about one refund or dispute (:event_kind): the state that is furthest on.
newest as materialized (
    select distinct on (d.provider_id) d.*, p.id as own_payment_id, b.id as event_id
    from undecided b
    cross join lateral jsonb_to_record(b.data)
        as d (provider_id text, payment_id text, amount bigint, currency text, state text, refund_id uuid)
    left join app.payments p on p.provider = 'stripe' and p.provider_payment_id = d.payment_id
    where b.kind = :event_kind
    order by d.provider_id, array_position(cast(:progress as text[]), d.state) desc, b.occurred_at desc
)
