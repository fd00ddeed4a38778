-- What is stored here and must be in the books: rows made since :oldest (ids sort by time), whose money moved after the
-- reading of the books began and :settled before the window's end.
here as materialized (
    select 'payment' as kind, p.provider_payment_id as object_id, p.provider_payment_id, p.amount, p.currency, p.state
    from app.payments p
    where p.id >= cast(:oldest as uuid) and p.state = 'succeeded' and p.amount > 0
      and p.updated_at >= :began_at and p.updated_at < cast(:until as timestamptz) - cast(:settled as interval)
    union all
    select 'refund', r.provider_refund_id, r.provider_payment_id, r.amount, r.currency, r.state
    from app.refunds r
    where r.id >= cast(:oldest as uuid) and r.state = 'succeeded' and r.provider_refund_id is not null
      and r.updated_at >= :began_at and r.updated_at < cast(:until as timestamptz) - cast(:settled as interval)
    union all
    select 'dispute', d.provider_dispute_id, d.provider_payment_id, d.amount, d.currency, d.state
    from app.disputes d
    where d.id >= cast(:oldest as uuid) and d.state = 'lost'
      and d.updated_at >= :began_at and d.updated_at < cast(:until as timestamptz) - cast(:settled as interval)
    union
    select d.kind, d.object_id, d.provider_payment_id, d.amount, d.currency, d.state from open_difference d
    where d.reason = 'unknown there'
)
