-- Findings hold what a person must look at; the states `review` of orders and payments go. Run once, by the revision of
-- the same name.

-- what a person must look at -----------------------------------------------------------------------------------------

-- At most one is open for each kind and subject. planned: none for anon and authenticated; service_role all.
create table app.findings (
    id            uuid primary key default app.uuid7(),
    kind          text not null check (kind ~ '^[a-z_]+$'),
    subject_id    uuid not null,
    order_id      uuid references app.orders on delete set null,
    details       jsonb not null default '{}',
    opened_at     timestamptz not null default now(),
    last_seen_at  timestamptz not null default now(),
    times_seen    integer not null default 1 check (times_seen > 0),
    reported_at   timestamptz,
    closed_at     timestamptz,
    closed_by     uuid references app.profiles on delete set null,
    resolution    text check (resolution in ('accepted', 'refunded', 'dismissed', 'resolved')),
    close_reason  text check (length(close_reason) <= 500),
    check ((closed_at is null) = (resolution is null))
);
create unique index findings_open on app.findings (kind, subject_id) where closed_at is null;
create index findings_subject on app.findings (subject_id);
create index findings_order on app.findings (order_id) where order_id is not null;
create index findings_closed_by on app.findings (closed_by) where closed_by is not null;
create index findings_unreported on app.findings (id) where reported_at is null;
alter table app.findings enable row level security;

create or replace view app.service_orders with (security_invoker = true) as
    select i.id, i.order_id, o.profile_id, i.service_id, i.title, i.quantity, i.unit_amount, o.currency,
           case when o.state = 'refunded' then 'refunded' when i.fulfilled_at is null then 'pending'
                else 'booked' end as state,
           i.fulfilled_at as booked_at
    from app.order_items i
    join app.orders o on o.id = i.order_id
    where i.service_id is not null and o.state in ('paid', 'fulfilled', 'refunded');

-- Each order in review becomes a finding, and has the state that its payments and items give it.
insert into app.findings (kind, subject_id, order_id, details)
select case
           when o.review_reason = 'second payment' then 'second_payment'
           when o.review_reason like 'wrong %' then 'payment_mismatch'
           when o.review_reason like 'paid when %' then 'closed_order_paid'
           when o.review_reason = 'course owned already' then 'course_already_owned'
           else 'payment_of_another_order'
       end,
       coalesce((select p.id from app.payments p where p.order_id = o.id and p.state = 'review' order by p.id limit 1),
                o.id),
       o.id, jsonb_build_object('reason', o.review_reason)
from app.orders o
where o.state = 'review';
alter table app.orders drop constraint orders_check;
alter table app.orders drop constraint orders_state_check;
update app.orders
set state = case when fulfilled_at is not null then 'fulfilled' when paid_at is not null then 'paid' else 'expired' end
where state = 'review';
alter table app.orders add constraint orders_state_check
    check (state in ('pending', 'processing', 'paid', 'fulfilled', 'cancelled', 'expired', 'refunded'));
alter table app.payments drop constraint payments_state_check;
update app.payments set state = 'succeeded' where state = 'review';
alter table app.payments add constraint payments_state_check check (state in ('processing', 'succeeded', 'failed'));
insert into app.jobs (kind, payload)
select 'orders.fulfil', jsonb_build_object('v', 1, 'order_id', o.id) from app.orders o
where o.state = 'paid' and o.review_reason is not null;
alter table app.orders drop column review_reason;
delete from app.job_kinds where kind = 'orders.review';
