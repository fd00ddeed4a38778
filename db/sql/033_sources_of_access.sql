-- An enrollment for each source of access: an order item, a gift or a membership. Run once, by the revision of the same
-- name.

-- what a teacher gives -----------------------------------------------------------------------------------------------

-- A gift is to an address: it waits until an account has it, for 90 days at most. planned: all where me teaches the course; service_role all.
create table app.gifts (
    id            uuid primary key default app.uuid7(),
    course_id     uuid not null references app.courses,
    email         text not null check (email = lower(email) and length(email) <= 254),
    given_by      uuid not null references app.profiles,
    created_at    timestamptz not null default now(),
    granted_at    timestamptz,
    withdrawn_at  timestamptz,
    withdrawn_by  uuid references app.profiles,
    check ((withdrawn_at is null) = (withdrawn_by is null))
);
create unique index gifts_one_each on app.gifts (course_id, email) where withdrawn_at is null;
create index gifts_course on app.gifts (course_id, created_at desc, id desc);
create index gifts_email on app.gifts (email);
create index gifts_given_by on app.gifts (given_by);
create index gifts_withdrawn_by on app.gifts (withdrawn_by) where withdrawn_by is not null;
create index gifts_waiting on app.gifts (id) where granted_at is null and withdrawn_at is null;
alter table app.gifts enable row level security;

-- `purchase_number` counts the order items through which one profile bought one course.
alter table app.enrollments
    drop constraint enrollments_profile_id_course_id_key,
    add column gift_id uuid references app.gifts,
    add column subscription_id uuid references app.subscriptions,
    add column purchase_number smallint check (purchase_number > 0);

-- What was granted by hand is a gift of the course's teacher.
insert into app.gifts (course_id, email, given_by, created_at, granted_at, withdrawn_at, withdrawn_by)
select e.course_id, p.email, c.teacher_id, e.granted_at, e.granted_at, e.revoked_at,
       case when e.state = 'revoked' then c.teacher_id end
from app.enrollments e
join app.profiles p on p.id = e.profile_id
join app.courses c on c.id = e.course_id
where e.order_item_id is null;
update app.enrollments e
set gift_id = g.id
from app.gifts g
join app.profiles p on p.email = g.email
where e.order_item_id is null and e.course_id = g.course_id and e.profile_id = p.id;

-- What was bought twice has an enrollment for each order item, and a finding.
update app.enrollments set purchase_number = 1 where order_item_id is not null;
insert into app.enrollments (profile_id, course_id, order_item_id, granted_at, purchase_number)
select o.profile_id, i.course_id, i.id, o.fulfilled_at,
       row_number() over (partition by o.profile_id, i.course_id order by i.id)
       + (select count(*) from app.enrollments e
          where e.profile_id = o.profile_id and e.course_id = i.course_id and e.order_item_id is not null)
from app.order_items i
join app.orders o on o.id = i.order_id
where o.state = 'fulfilled'
  and exists (select from app.enrollments e where e.profile_id = o.profile_id and e.course_id = i.course_id)
  and not exists (select from app.enrollments e where e.order_item_id = i.id);
insert into app.findings (kind, subject_id, order_id)
select 'course_already_owned', i.id, i.order_id
from app.enrollments e
join app.order_items i on i.id = e.order_item_id
where e.purchase_number > 1
  and not exists (select from app.findings f where f.kind = 'course_already_owned' and f.subject_id = i.id);

alter table app.enrollments
    add constraint enrollments_one_source check (num_nonnulls(order_item_id, gift_id, subscription_id) = 1),
    add constraint enrollments_purchase check ((order_item_id is null) = (purchase_number is null)),
    add constraint enrollments_profile_id_course_id_purchase_number_key unique (profile_id, course_id, purchase_number);
create unique index enrollments_gift on app.enrollments (gift_id) where gift_id is not null;
create unique index enrollments_membership on app.enrollments (subscription_id, course_id)
    where subscription_id is not null;
