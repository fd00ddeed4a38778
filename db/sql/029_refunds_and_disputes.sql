-- Refunds and disputes are stored as the provider tells them, also before their payment is known. An order is `disputed`
-- while its money is disputed or after it was charged back. Run once, by the revision of the same name.

alter table app.refunds add column provider_payment_id text;
update app.refunds r set provider_payment_id = p.provider_payment_id from app.payments p where p.id = r.payment_id;
alter table app.refunds alter column provider_payment_id set not null;
alter table app.refunds alter column payment_id drop not null;
create index refunds_provider_payment on app.refunds (provider_payment_id);

alter table app.disputes add column provider_payment_id text;
update app.disputes d set provider_payment_id = p.provider_payment_id from app.payments p where p.id = d.payment_id;
alter table app.disputes alter column provider_payment_id set not null;
alter table app.disputes alter column payment_id drop not null;
create index disputes_provider_payment on app.disputes (provider_payment_id);

alter table app.orders drop constraint orders_state_check;
alter table app.orders add constraint orders_state_check
    check (state in ('pending', 'processing', 'paid', 'fulfilled', 'cancelled', 'expired', 'refunded', 'disputed'));

create or replace view app.service_orders with (security_invoker = true) as
    select i.id, i.order_id, o.profile_id, i.service_id, i.title, i.quantity, i.unit_amount, o.currency,
           case when o.state in ('refunded', 'disputed') then o.state when i.fulfilled_at is null then 'pending'
                else 'booked' end as state,
           i.fulfilled_at as booked_at
    from app.order_items i
    join app.orders o on o.id = i.order_id
    where i.service_id is not null and o.state in ('paid', 'fulfilled', 'refunded', 'disputed');
