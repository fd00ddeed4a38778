-- The received payments of the orders in `locked`: whether each covers its order, what of it was given back or is on its
-- way back, and whether it is disputed. A payment covers its order if it matches, or if an operator has accepted it.
money as materialized (
    select p.id as payment_id, p.order_id, p.provider_payment_id, p.amount, p.currency,
           p.accepted_at is not null
               or (p.amount = o.total_amount and p.currency = o.currency
                   and o.state in ('paid', 'fulfilled', 'refunded', 'disputed')) as covers,
           cast(coalesce((select sum(r.amount) from app.refunds r
                          where r.provider_payment_id = p.provider_payment_id
                            and r.state in ('requested', 'pending', 'succeeded')), 0) as bigint) as back,
           exists (select from app.disputes d
                   where d.provider_payment_id = p.provider_payment_id and d.state in ('open', 'lost')) as disputed
    from locked o
    join app.payments p on p.order_id = o.id
    where p.state = 'succeeded'
)
