-- Close the ended checkouts of paid orders, so that the index of open checkouts stays small.
with ended as materialized (
    select c.id
    from app.checkouts c
    where c.closed_at is null and c.expires_at < cast(:now as timestamptz) - cast(:grace as interval)
      and exists (select from app.orders o where o.id = c.order_id and o.state in ('paid', 'fulfilled', 'refunded', 'disputed'))
    order by c.expires_at
    limit :batch
    for update skip locked
)
update app.checkouts set closed_at = :now where id = any (array(select id from ended))
