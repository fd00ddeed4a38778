-- Derive the states of orders from their payments, refunds and disputes. A matching payment covers its order while its
-- money is neither on its way back nor disputed. An order that is covered again is fulfilled again.
with
-- include jobs/_whole_batch,
-- include jobs/_completed,
-- include jobs/_job_of_order,
locked as materialized (
    select id, state, profile_id, total_amount, currency
    from app.orders
    where id = any (array(select cast(payload ->> 'order_id' as uuid) from completed))
      and state in ('paid', 'fulfilled', 'refunded', 'disputed')
    order by id
    for update
),
matching as materialized (
    select p.order_id, p.amount,
           coalesce((select sum(r.amount) from app.refunds r
                     where r.provider_payment_id = p.provider_payment_id
                       and r.state in ('pending', 'succeeded')), 0) as back,
           exists (select from app.disputes d
                   where d.provider_payment_id = p.provider_payment_id and d.state in ('open', 'lost')) as disputed
    from locked o
    join app.payments p on p.order_id = o.id
    where p.state = 'succeeded' and p.amount = o.total_amount and p.currency = o.currency
),
derived_state as materialized (
    select o.id, o.profile_id, o.state as old_state,
           case
               when bool_or(not m.disputed and m.back < m.amount)
                   then case when o.state in ('refunded', 'disputed') then 'paid' else o.state end
               when bool_or(m.disputed) then 'disputed'
               else 'refunded'
           end as new_state
    from locked o
    join matching m on m.order_id = o.id
    group by o.id, o.profile_id, o.state
),
changed as (
    update app.orders o
    set state = v.new_state
    from derived_state v
    where o.id = v.id and o.state <> v.new_state
    returning o.id, o.profile_id, v.old_state, v.new_state
),
-- Findings about refunds and disputes that were told before their payment.
linked as (
    update app.findings f
    set order_id = p.order_id
    from locked o
    join app.payments p on p.order_id = o.id
    cross join lateral (select id from app.refunds where provider_payment_id = p.provider_payment_id
                        union all
                        select id from app.disputes where provider_payment_id = p.provider_payment_id) money
    where f.subject_id = money.id and f.order_id is null
),
-- include payments/_derived
select pg_notify('aula_done', :batch)
