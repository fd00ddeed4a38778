-- Where the provider's books and what is stored here differ: at most :most new differences, and all that are still open.
-- A state that has changed since the window's end is left to the next comparison.
with open_difference as materialized (
    select d.*
    from app.findings f
    cross join lateral jsonb_to_record(f.details) as d (
        kind text, object_id text, provider_payment_id text, reason text, amount bigint, currency text, state text
    )
    where f.kind = 'books_differ' and f.closed_at is null
),
-- include payments/_books_there,
-- include payments/_books_here,
difference as materialized (
    select kind, object_id, provider_payment_id, order_id as named_order_id, amount, currency, here_amount, here_currency,
           here_state as state,
           case
               when here_state is null then 'unknown here'
               when amount <> here_amount or currency <> here_currency then 'amounts differ'
               when not states_agree and updated_at < :until then 'states differ'
           end as reason
    from there
    union all
    select h.kind, h.object_id, h.provider_payment_id, null, h.amount, h.currency, h.amount, h.currency, h.state,
           'unknown there'
    from here h
    where not exists (
        select from app.book_entries e
        where (e.kind = 'payment' and h.kind = 'payment' and e.provider_payment_id = h.provider_payment_id)
           or (e.kind = h.kind and h.kind <> 'payment' and e.object_id = h.object_id)
    )
)
select d.kind, d.object_id, d.provider_payment_id, d.reason, d.amount, d.currency, d.here_amount, d.here_currency, d.state,
       coalesce(p.order_id, (select o.id from app.orders o where o.id = d.named_order_id)) as order_id
from difference d
left join app.payments p on p.provider = 'stripe' and p.provider_payment_id = d.provider_payment_id
where d.reason is not null
order by d.object_id in (select object_id from open_difference) desc, d.object_id
limit cast(:most as bigint) + (select count(*) from open_difference)
