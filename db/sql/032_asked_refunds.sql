-- Refunds that are asked for: their terms, their lines, who asked, and what a learner has completed. Run once, by the
-- revision of the same name.

-- The terms of a product; those of the moment of the order stand on its items.
alter table app.courses
    add column refund_days integer not null default 14 check (refund_days between 0 and 365),
    add column refund_max_progress integer not null default 30 check (refund_max_progress between 0 and 100);
alter table app.services
    add column refund_days integer not null default 14 check (refund_days between 0 and 365);
alter table app.order_items
    add column refund_days integer not null default 14 check (refund_days between 0 and 365),
    add column refund_max_progress integer not null default 30 check (refund_max_progress between 0 and 100),
    add column refunded_at timestamptz;

-- An operator accepted a payment that does not match its order.
alter table app.payments add column accepted_at timestamptz;

-- orders and money --------------------------------------------------------------------------------------------------

-- Who asked, as what, by which finding, and why the provider refused it.
alter table app.refunds
    add column requested_by uuid references app.profiles on delete set null,
    add column requested_as text check (requested_as in ('buyer', 'teacher', 'admin')),
    add column finding_id uuid references app.findings on delete set null,
    add column failure text check (length(failure) <= 500);
create index refunds_requested_by on app.refunds (requested_by) where requested_by is not null;
create index refunds_finding on app.refunds (finding_id) where finding_id is not null;

-- The lines that a refund gives back, each whole. A refund without lines is about the order as a whole. planned: none for
-- anon and authenticated; service_role all.
create table app.refund_items (
    refund_id     uuid not null references app.refunds on delete cascade,
    order_item_id uuid not null references app.order_items on delete cascade,
    amount        bigint not null check (amount >= 0),
    primary key (refund_id, order_item_id)
);
create index refund_items_order_item on app.refund_items (order_item_id);
alter table app.refund_items enable row level security;

-- what a purchase gives ---------------------------------------------------------------------------------------------

-- The lessons that a learner has completed. planned: all where profile_id = me; service_role all.
create table app.lesson_completions (
    profile_id   uuid not null references app.profiles,
    lesson_id    uuid not null references app.lessons on delete cascade,
    completed_at timestamptz not null default now(),
    primary key (profile_id, lesson_id)
);
create index lesson_completions_lesson on app.lesson_completions (lesson_id);
alter table app.lesson_completions enable row level security;

create or replace view app.service_orders with (security_invoker = true) as
    select i.id, i.order_id, o.profile_id, i.service_id, i.title, i.quantity, i.unit_amount, o.currency,
           case when o.state in ('refunded', 'disputed') then o.state when i.refunded_at is not null then 'refunded'
                when i.fulfilled_at is null then 'pending' else 'booked' end as state,
           i.fulfilled_at as booked_at
    from app.order_items i
    join app.orders o on o.id = i.order_id
    where i.service_id is not null and o.state in ('paid', 'fulfilled', 'refunded', 'disputed');

-- An email about a refund names the refund, and not the order.
update app.mail_messages m
set dedupe_key = 'refunded:' || r.id, params = m.params || jsonb_build_object('refund_id', r.id)
from (select distinct on (p.order_id) p.order_id, r.id
      from app.payments p join app.refunds r on r.provider_payment_id = p.provider_payment_id
      order by p.order_id, r.state not in ('pending', 'succeeded'), r.id desc) r
where m.template = 'refunded' and m.dedupe_key = 'refunded:' || r.order_id;
