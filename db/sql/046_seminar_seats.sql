-- Seats at seminars that can be bought, offered and given. Run once, by the revision of the same name.

-- seminars and their guests ------------------------------------------------------------------------------------------

-- `seats_taken` is kept by a trigger, and the database refuses more than `capacity`, whatever the code does. A series
-- has one id. The enrolled of `course_id` have the right to a seat.
alter table app.seminars
    add column course_id uuid references app.courses,
    add column series_id uuid,
    add column refund_days integer not null default 14 check (refund_days between 0 and 365),
    add column published_at timestamptz,
    add column opened_at timestamptz,
    add column closed_at timestamptz,
    add column cancelled_at timestamptz,
    add column summary jsonb,
    add column seats_taken integer not null default 0;
create index seminars_course on app.seminars (course_id) where course_id is not null;
create index seminars_series on app.seminars (series_id) where series_id is not null;
-- What is not over yet, for the schedule.
create index seminars_unclosed on app.seminars (starts_at)
    where state in ('published', 'provisioned', 'open') or (state = 'cancelled' and closed_at is null);

-- Who may take a seat without paying, by address. planned: all where me teaches the seminar; service_role all.
create table app.seminar_guests (
    id          uuid primary key default app.uuid7(),
    seminar_id  uuid not null references app.seminars,
    email       text not null check (email = lower(email) and length(email) <= 254),
    created_at  timestamptz not null default now(),
    unique (seminar_id, email)
);
create index seminar_guests_email on app.seminar_guests (email);
alter table app.seminar_guests enable row level security;

-- Who was sent out by a host does not come back. planned: all where me teaches the seminar; service_role all.
create table app.seminar_bans (
    seminar_id  uuid not null references app.seminars,
    profile_id  uuid not null references app.profiles,
    banned_by   uuid not null references app.profiles,
    created_at  timestamptz not null default now(),
    primary key (seminar_id, profile_id)
);
create index seminar_bans_profile on app.seminar_bans (profile_id);
create index seminar_bans_by on app.seminar_bans (banned_by);
alter table app.seminar_bans enable row level security;

-- seats ---------------------------------------------------------------------------------------------------------------

-- One seat a person. Held: by an order that can be paid; offered: to the first of the waitlist. `source` is what a
-- confirmed seat was given for.
alter table app.seminar_seats
    drop constraint seminar_seats_state_check,
    drop constraint seminar_seats_check,
    add column source text check (source in ('order', 'course', 'guest')),
    add constraint seminar_seats_state_check
        check (state in ('waitlisted', 'offered', 'held', 'confirmed', 'released')),
    add constraint seminar_seats_until_check check (state not in ('held', 'offered') or held_until is not null);
update app.seminar_seats set source = case when order_item_id is null then 'guest' else 'order' end
where state in ('held', 'confirmed');
alter table app.seminar_seats
    add constraint seminar_seats_given_check check (state not in ('held', 'confirmed') or source is not null),
    add constraint seminar_seats_order_check check (source <> 'order' or order_item_id is not null);
create index seminar_seats_lapsing on app.seminar_seats (held_until) where state in ('held', 'offered');
create index seminar_seats_waiting on app.seminar_seats (seminar_id, id) where state = 'waitlisted';

update app.seminars m
set seats_taken = s.taken, capacity = greatest(m.capacity, s.taken)
from (select seminar_id, count(*) as taken from app.seminar_seats where state in ('held', 'confirmed') group by 1) s
where s.seminar_id = m.id;
alter table app.seminars add constraint seminars_not_oversold check (seats_taken between 0 and capacity);

create function app.count_seats() returns trigger
    language plpgsql set search_path = '' as $$
declare
    change integer := 0;
begin
    if tg_op <> 'DELETE' and new.state in ('offered', 'held', 'confirmed') then
        change := change + 1;
    end if;
    if tg_op <> 'INSERT' and old.state in ('offered', 'held', 'confirmed') then
        change := change - 1;
    end if;
    if change <> 0 then
        update app.seminars set seats_taken = seats_taken + change where id = coalesce(new.seminar_id, old.seminar_id);
    end if;
    return null;
end $$;
create trigger seminar_seats_count after insert or delete or update of state on app.seminar_seats
    for each row execute function app.count_seats();

-- A refund that follows from a rule is asked for by the system.
alter table app.refunds
    drop constraint refunds_requested_as_check,
    add constraint refunds_requested_as_check check (requested_as in ('buyer', 'teacher', 'admin', 'system'));
