-- Derive the states of orders, and their lines, from payments, refunds and disputes. A payment covers its order while
-- its money is neither on its way back nor disputed. An order that is covered again is fulfilled again,
-- unless its buyer is erased.
with
-- include jobs/_whole_batch,
-- include jobs/_completed,
-- include jobs/_job_of_order,
locked as materialized (
    select id, state, profile_id, total_amount, currency,
           (select p.erased_at is not null from app.profiles p where p.id = orders.profile_id) as is_erased
    from app.orders
    where id = any (array(select cast(payload ->> 'order_id' as uuid) from completed))
    order by id
    for update
),
-- include payments/_money,
derived_state as materialized (
    select o.id, o.profile_id, o.state as old_state,
           case
               when bool_or(not m.disputed and (m.back < m.amount or m.amount = 0))
                   then case when o.state in ('paid', 'fulfilled') or o.is_erased then o.state else 'paid' end
               when bool_or(m.disputed) then 'disputed'
               else 'refunded'
           end as new_state
    from locked o
    join money m on m.order_id = o.id and m.covers
    group by o.id, o.profile_id, o.state, o.is_erased
),
changed as (
    update app.orders o
    set state = v.new_state
    from derived_state v
    where o.id = v.id and o.state <> v.new_state
    returning o.id, o.profile_id, v.old_state, v.new_state
),
-- include payments/_lines,
-- include payments/_reopened_findings,
-- Findings about refunds and disputes that were told before their payment.
linked as (
    update app.findings f
    set order_id = p.order_id
    from locked o
    join app.payments p on p.order_id = o.id
    cross join lateral (select id from app.refunds where provider_payment_id = p.provider_payment_id
                        union all
                        select id from app.disputes where provider_payment_id = p.provider_payment_id) money_back
    where f.subject_id = money_back.id and f.order_id is null
),
-- include payments/_money_back_emails,
-- include payments/_derived
select pg_notify('aula_done', :batch)
