-- Money that does not fit its order, or names an order that this system does not have, is for a person.
foreign_payment as materialized (
    select e.id as event_id, e.order_id, e.payment_id
    from known_event e
    where e.is_known
      and (e.order_id <> e.first_order_id
           or exists (select from app.payments p
                      where p.provider = 'stripe' and p.provider_payment_id = e.payment_id and p.order_id <> e.order_id))
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
    where reason not in ('paid', 'nothing to pay')
    union all
    select 'payment_of_another_order', event_id, order_id, jsonb_build_object('payment', payment_id) from foreign_payment
    union all
    select 'money_ignored', id, null, jsonb_build_object('amount', amount, 'currency', currency)
    from known_event
    where not is_known
)
