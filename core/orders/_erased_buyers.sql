-- The payments of orders whose buyer was erased since they were paid.
to_open as (
    select 'erased_buyer_paid' as kind, p.id as subject_id, p.order_id,
           jsonb_build_object('reason', 'the buyer is erased', 'amount', p.amount, 'currency', p.currency) as details
    from app.payments p
    where p.order_id = any (array(select id from locked where is_erased)) and p.state = 'succeeded' and p.amount > 0
      and not exists (select from app.findings f where f.subject_id = p.id and f.kind = 'erased_buyer_paid')
)
