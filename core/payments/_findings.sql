-- Money that does not fit its order, or names no order of this system, is for a person.
foreign_payment as materialized (
    select e.id as event_id, e.order_id, e.payment_id
    from payment_events e
    join locked o on o.id = e.order_id
    where e.livemode is not distinct from :livemode
      and (exists (select from app.payments p
                   where p.provider = 'stripe' and p.provider_payment_id = e.payment_id and p.order_id <> e.order_id)
           or exists (select from first_event f where f.payment_id = e.payment_id and f.order_id <> e.order_id))
),
to_open as (
    select case
               when reason = 'second payment' then 'second_payment'
               when reason = 'paid when cancelled' then 'closed_order_paid'
               else 'payment_mismatch'
           end as kind,
           payment_id as subject_id, order_id,
           jsonb_build_object('reason', reason, 'amount', amount, 'currency', currency) as details
    from decision
    where reason <> 'paid'
    union all
    select 'payment_of_another_order', event_id, order_id, jsonb_build_object('payment', payment_id) from foreign_payment
    union all
    select 'money_ignored', e.id, null, jsonb_build_object('amount', e.amount, 'currency', e.currency)
    from payment_events e
    left join locked o on o.id = e.order_id
    where o.id is null or e.livemode is distinct from :livemode
)
