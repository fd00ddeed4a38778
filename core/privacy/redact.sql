-- The next :batch events after :after, each with its body if that is about an order of an erased buyer. An event names its
-- order in its metadata, or its payment. What was redacted before is not read again.
with examined as materialized (
    select id, body,
           cast(substring(body from '"order_id" ?: ?"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"') as uuid) as order_id,
           substring(body from '"(pi_[A-Za-z0-9_]{1,250})"') as payment_id,
           substring(body from '"(cs_[A-Za-z0-9_]{1,250})"') as session_id
    from app.webhook_events
    where id > :after
    order by id
    limit :batch
)
select e.id,
       case when position(:mark in e.body) = 0 and exists (
                select from app.profiles b
                join app.orders o on o.profile_id = b.id
                where b.erased_at is not null
                  and (o.id = e.order_id
                       or o.id = (select p.order_id from app.payments p
                                  where p.provider = 'stripe' and p.provider_payment_id = e.payment_id)
                       or o.id = (select c.order_id from app.checkouts c where c.session_id = e.session_id)))
            then e.body end as body
from examined e
order by e.id
