-- Money that does not fit its order, or names an order that this system does not have, is for a person.
foreign_payment as materialized (
    select e.id as event_id, e.order_id, e.payment_id
    from known_event e
    where e.is_known
      and (e.order_id <> e.first_order_id
           or exists (select from app.payments p
                      where p.provider = 'stripe' and p.provider_payment_id = e.payment_id and p.order_id <> e.order_id))
),
decision as materialized (
    select id as event_id, order_id, payment_id, amount, currency, is_known, is_new,
           case
               when not is_known then 'unknown order'
               when not is_new and id in (select event_id from foreign_payment) then 'payment of another order'
               when not is_new then 'the same payment again'
               when rank = 1 and order_id in (select id from paid) then 'paid'
               when matches and amount = 0 then 'nothing to pay'
               when is_erased then 'the buyer is erased'
               when not currency_matches then 'wrong currency'
               when not amount_matches then 'wrong amount'
               when order_state = 'cancelled' then 'paid when cancelled'
               else 'second payment'
           end as reason
    from payment
),
to_open as (
    select case
               when d.reason = 'second payment' then 'second_payment'
               when d.reason = 'the buyer is erased' then 'erased_buyer_paid'
               when d.reason = 'paid when cancelled' then 'closed_order_paid'
               else 'payment_mismatch'
           end as kind,
           (select r.id from recorded r where r.provider_payment_id = d.payment_id) as subject_id, d.order_id,
           jsonb_build_object('reason', d.reason, 'amount', d.amount, 'currency', d.currency) as details
    from decision d
    where d.is_new and d.reason not in ('paid', 'nothing to pay')
    union all
    select 'payment_of_another_order', event_id, order_id, jsonb_build_object('payment', payment_id) from foreign_payment
    union all
    select 'money_ignored', event_id, null, jsonb_build_object('amount', amount, 'currency', currency)
    from decision
    where not is_known
)
