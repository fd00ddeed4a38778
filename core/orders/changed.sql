-- Which of the followed orders have a version other than the one that was sent; for all event streams of a process in one
-- statement. `ids` and `versions` belong together; a version is a hash of what core/orders/view.py shows.
select f.id, f.version as known, coalesce(n.version, 'gone') as version
from unnest(cast(:ids as uuid[]), cast(:versions as text[])) as f (id, version)
left join lateral (
    select md5(jsonb_build_array(
        o.state, o.paid_at, o.fulfilled_at, o.expires_at, o.expires_at <= cast(:now as timestamptz),
        (select jsonb_agg(jsonb_build_array(i.id, i.fulfilled_at, i.refunded_at) order by i.id)
         from app.order_items i where i.order_id = o.id),
        (select jsonb_agg(jsonb_build_array(e.id, e.state) order by e.id)
         from app.order_items i join app.enrollments e on e.order_item_id = i.id where i.order_id = o.id),
        (select jsonb_agg(jsonb_build_array(s.id, s.state) order by s.id)
         from app.order_items i join app.seminar_seats s on s.order_item_id = i.id where i.order_id = o.id),
        (select jsonb_agg(jsonb_build_array(p.id, p.state, p.amount) order by p.id)
         from app.payments p where p.order_id = o.id),
        (select jsonb_agg(jsonb_build_array(r.id, r.state, r.amount) order by r.id)
         from app.payments p join app.refunds r on r.provider_payment_id = p.provider_payment_id
         where p.order_id = o.id),
        (select max(c.created_at) from app.checkouts c where c.order_id = o.id)
    )::text) as version
    from app.orders o where o.id = f.id
) n on true
where coalesce(n.version, 'gone') is distinct from f.version
