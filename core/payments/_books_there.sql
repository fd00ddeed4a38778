-- What the books tell beside what is stored here: all entries of each object that has one in the window, since a refund
-- can fail days later, and of those whose difference is open.
entry as materialized (
    select e.*
    from (select object_id from app.book_entries where booked_at >= :since and booked_at < :until
          union
          select object_id from open_difference) told
    join app.book_entries e on e.object_id = told.object_id
),
there as materialized (
    select e.kind, e.object_id, e.provider_payment_id, e.order_id, e.amount, e.currency, p.amount as here_amount,
           p.currency as here_currency, p.state as here_state, p.state = 'succeeded' as states_agree, p.updated_at
    from entry e
    left join app.payments p on p.provider = 'stripe' and p.provider_payment_id = e.provider_payment_id
    where e.kind = 'payment'
    union all
    select e.kind, e.object_id, e.provider_payment_id, e.order_id, e.amount, e.currency, r.amount, r.currency, r.state,
           (r.state in ('failed', 'cancelled'))
               = exists (select from app.book_entries b where b.object_id = e.object_id and b.kind = 'refund_failure'),
           r.updated_at
    from entry e
    left join app.refunds r on r.provider_refund_id = e.object_id
    where e.kind = 'refund'
    union all
    select e.kind, e.object_id, e.provider_payment_id, e.order_id, e.amount, e.currency, d.amount, d.currency, d.state,
           (d.state = 'won')
               = exists (select from app.book_entries b where b.object_id = e.object_id and b.kind = 'dispute_reversal'),
           d.updated_at
    from entry e
    left join app.disputes d on d.provider_dispute_id = e.object_id
    where e.kind = 'dispute'
)
