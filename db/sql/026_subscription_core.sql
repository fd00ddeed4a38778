-- The base schema of Aula. Running it twice changes nothing; Alembic runs it as revision 026_subscription_core.
--
-- Conventions: ids are UUIDv7; money is bigint minor units beside an ISO 4217 code; times are timestamptz in UTC;
-- a state is checked text; every foreign key has an index. Plain PostgreSQL 15 or newer, no extension.
--
-- Row-level security is on for every table. The application connects as the tables' owner, whom policies do not
-- bind; each table names the policies planned for the roles anon, authenticated and service_role. Where nothing is
-- planned for a role, it sees nothing. `me` below stands for (select auth.uid()).

create schema if not exists app;

-- Time-ordered ids (RFC 9562, version 7): 48 bits of milliseconds, the version, 12 random bits; the variant, 62 random
-- bits. Hard to guess, but no secrets (ADR 0008).
create or replace function app.uuid7() returns uuid
    language sql volatile parallel restricted as $$
    select encode(
        int8send(((extract(epoch from clock_timestamp()) * 1000)::bigint << 16) | x'7000'::bigint
                 | floor(random() * 4096)::bigint)
        || int8send((1::bigint << 63) | (floor(random() * 2147483648)::bigint << 31)
                    | floor(random() * 2147483648)::bigint),
        'hex')::uuid
$$;

-- people ------------------------------------------------------------------------------------------------------------

-- planned: select, update own row (id = me; role and email not updatable); service_role all.
create table if not exists app.profiles (
    id               uuid primary key default app.uuid7(),
    email            text not null unique check (email = lower(email) and length(email) <= 254),
    password_hash    text not null,
    display_name     text not null check (length(display_name) between 1 and 80),
    role             text not null default 'member' check (role in ('member', 'teacher', 'admin')),
    locale           text not null default 'sv' check (locale in ('sv', 'en')),
    supabase_user_id uuid unique,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    erased_at        timestamptz
);

-- planned: none for anon and authenticated; service_role all.
create table if not exists app.refresh_tokens (
    id         uuid primary key default app.uuid7(),
    profile_id uuid not null references app.profiles on delete cascade,
    family_id  uuid not null,
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    expires_at timestamptz not null,
    used_at    timestamptz,
    revoked_at timestamptz,
    created_at timestamptz not null default now()
);
create index if not exists refresh_tokens_profile on app.refresh_tokens (profile_id);
create index if not exists refresh_tokens_family on app.refresh_tokens (family_id);

-- Losing it in a crash costs one window of counting. planned: none for anon and authenticated; service_role all.
create unlogged table if not exists app.rate_limits (
    bucket       text not null check (length(bucket) <= 200),
    window_start timestamptz not null,
    hits         integer not null default 1 check (hits > 0),
    primary key (bucket, window_start)
);

-- planned: none for anon and authenticated; service_role all.
create table if not exists app.idempotency_keys (
    id           uuid primary key default app.uuid7(),
    profile_id   uuid references app.profiles on delete cascade,
    key          text not null check (length(key) between 1 and 255),
    request_hash bytea not null check (octet_length(request_hash) = 32),
    status       integer not null check (status between 200 and 299),
    headers      jsonb not null default '{}',
    body         jsonb,
    created_at   timestamptz not null default now(),
    unique nulls not distinct (profile_id, key)
);
create index if not exists idempotency_keys_created on app.idempotency_keys (created_at);

-- what teachers offer -----------------------------------------------------------------------------------------------

-- planned: select where state = 'published' for anon and authenticated; all where teacher_id = me.
create table if not exists app.courses (
    id           uuid primary key default app.uuid7(),
    teacher_id   uuid not null references app.profiles,
    title        text not null check (length(title) between 1 and 120),
    summary      text not null default '' check (length(summary) <= 500),
    description  text not null default '' check (length(description) <= 20000),
    price_amount bigint not null check (price_amount between 0 and 99999999),
    currency     char(3) not null check (currency ~ '^[A-Z]{3}$'),
    state        text not null default 'draft' check (state in ('draft', 'published', 'archived')),
    published_at timestamptz,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now()
);
create index if not exists courses_teacher on app.courses (teacher_id);
create index if not exists courses_published on app.courses (published_at desc, id desc) where state = 'published';

-- planned: select of previews where the course is published; of all where me is enrolled or teaches it; all for the teacher.
create table if not exists app.lessons (
    id         uuid primary key default app.uuid7(),
    course_id  uuid not null references app.courses on delete cascade,
    position   integer not null check (position > 0),
    title      text not null check (length(title) between 1 and 120),
    body       text not null default '' check (length(body) <= 50000),
    video_url  text check (length(video_url) <= 2000),
    is_preview boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint lessons_course_position unique (course_id, position) deferrable initially immediate
);

-- planned: select where state = 'published' for anon and authenticated; all where teacher_id = me.
create table if not exists app.services (
    id               uuid primary key default app.uuid7(),
    teacher_id       uuid not null references app.profiles,
    title            text not null check (length(title) between 1 and 120),
    description      text not null default '' check (length(description) <= 20000),
    duration_minutes integer not null check (duration_minutes between 5 and 1440),
    price_amount     bigint not null check (price_amount between 0 and 99999999),
    currency         char(3) not null check (currency ~ '^[A-Z]{3}$'),
    state            text not null default 'draft' check (state in ('draft', 'published', 'archived')),
    published_at     timestamptz,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now()
);
create index if not exists services_teacher on app.services (teacher_id);
create index if not exists services_published on app.services (published_at desc, id desc) where state = 'published';

-- planned: select where state <> 'draft' for anon and authenticated; all where teacher_id = me.
create table if not exists app.seminars (
    id           uuid primary key default app.uuid7(),
    teacher_id   uuid not null references app.profiles,
    title        text not null check (length(title) between 1 and 120),
    description  text not null default '' check (length(description) <= 20000),
    starts_at    timestamptz not null,
    ends_at      timestamptz not null,
    capacity     integer not null check (capacity between 1 and 1000),
    price_amount bigint not null check (price_amount between 0 and 99999999),
    currency     char(3) not null check (currency ~ '^[A-Z]{3}$'),
    state        text not null default 'draft'
                 check (state in ('draft', 'published', 'provisioned', 'open', 'closed', 'cancelled')),
    room_name    text unique,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    check (ends_at > starts_at)
);
create index if not exists seminars_teacher on app.seminars (teacher_id);
create index if not exists seminars_upcoming on app.seminars (starts_at, id) where state in ('published', 'provisioned', 'open');

-- planned: select where course_id is null for anon and authenticated; of a course's posts where me is enrolled or
-- teaches it; all where author_id = me.
create table if not exists app.posts (
    id         uuid primary key default app.uuid7(),
    author_id  uuid not null references app.profiles,
    course_id  uuid references app.courses on delete cascade,
    body       text not null check (length(body) between 1 and 5000),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index if not exists posts_author on app.posts (author_id);
create index if not exists posts_course on app.posts (course_id);
create index if not exists posts_newest on app.posts (created_at desc, id desc);

-- orders and money --------------------------------------------------------------------------------------------------

-- planned: select where profile_id = me; service_role all.
create table if not exists app.orders (
    id                  uuid primary key default app.uuid7(),
    profile_id          uuid not null references app.profiles,
    state               text not null default 'pending' check (state in
                        ('pending', 'processing', 'paid', 'fulfilled', 'review', 'cancelled', 'expired', 'refunded')),
    total_amount        bigint not null check (total_amount between 1 and 99999999),
    currency            char(3) not null check (currency ~ '^[A-Z]{3}$'),
    review_reason       text check (length(review_reason) <= 200),
    expires_at          timestamptz not null,
    paid_at             timestamptz,
    fulfilled_at        timestamptz,
    created_at          timestamptz not null default now(),
    check ((state = 'review') = (review_reason is not null))
);
create index if not exists orders_profile on app.orders (profile_id, id desc);
create index if not exists orders_unpaid on app.orders (expires_at) where state = 'pending';

-- Checkouts opened at the provider, numbered for each order; at most one is open. planned: none for anon and
-- authenticated; service_role all.
create table if not exists app.checkouts (
    id         uuid primary key default app.uuid7(),
    order_id   uuid not null references app.orders on delete cascade,
    number     integer not null check (number > 0),
    session_id text not null unique,
    ui_mode    text not null check (ui_mode in ('elements', 'hosted_page')),
    expires_at timestamptz not null,
    created_at timestamptz not null default now(),
    closed_at  timestamptz,
    unique (order_id, number)
);
create unique index if not exists checkouts_open on app.checkouts (order_id) where closed_at is null;

-- planned: select where the order's profile_id = me; service_role all.
create table if not exists app.order_items (
    id           uuid primary key default app.uuid7(),
    order_id     uuid not null references app.orders on delete cascade,
    course_id    uuid references app.courses,
    service_id   uuid references app.services,
    seminar_id   uuid references app.seminars,
    title        text not null,
    unit_amount  bigint not null check (unit_amount between 0 and 99999999),
    quantity     integer not null default 1 check (quantity between 1 and 20),
    fulfilled_at timestamptz,
    check (num_nonnulls(course_id, service_id, seminar_id) = 1),
    check (service_id is not null or quantity = 1)
);
create index if not exists order_items_order on app.order_items (order_id);
create index if not exists order_items_course on app.order_items (course_id) where course_id is not null;
create index if not exists order_items_service on app.order_items (service_id) where service_id is not null;
create index if not exists order_items_seminar on app.order_items (seminar_id) where seminar_id is not null;

-- A booked service: an item of a paid order. security_invoker, so that the planned policies of its tables hold here too.
create or replace view app.service_orders with (security_invoker = true) as
    select i.id, i.order_id, o.profile_id, i.service_id, i.title, i.quantity, i.unit_amount, o.currency,
           case when o.state = 'refunded' then 'refunded' when i.fulfilled_at is null then 'pending' else 'booked' end as state,
           i.fulfilled_at as booked_at
    from app.order_items i
    join app.orders o on o.id = i.order_id
    where i.service_id is not null and o.state in ('paid', 'fulfilled', 'review', 'refunded');

-- planned: none for anon and authenticated; service_role all.
create table if not exists app.payments (
    id                  uuid primary key default app.uuid7(),
    order_id            uuid not null references app.orders,
    provider            text not null default 'stripe' check (provider in ('stripe')),
    provider_payment_id text not null,
    state               text not null check (state in ('processing', 'succeeded', 'failed', 'review')),
    amount              bigint not null check (amount >= 0),
    currency            char(3) not null check (currency ~ '^[A-Z]{3}$'),
    livemode            boolean not null,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    unique (provider, provider_payment_id)
);
create index if not exists payments_order on app.payments (order_id);

-- planned: none for anon and authenticated; service_role all.
create table if not exists app.refunds (
    id                 uuid primary key default app.uuid7(),
    payment_id         uuid not null references app.payments,
    provider_refund_id text unique,
    state              text not null check (state in ('requested', 'pending', 'succeeded', 'failed', 'cancelled')),
    amount             bigint not null check (amount > 0),
    currency           char(3) not null check (currency ~ '^[A-Z]{3}$'),
    reason             text not null default '' check (length(reason) <= 500),
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now()
);
create index if not exists refunds_payment on app.refunds (payment_id);

-- planned: none for anon and authenticated; service_role all.
create table if not exists app.disputes (
    id                  uuid primary key default app.uuid7(),
    payment_id          uuid not null references app.payments,
    provider_dispute_id text not null unique,
    state               text not null check (state in ('open', 'won', 'lost')),
    amount              bigint not null check (amount > 0),
    currency            char(3) not null check (currency ~ '^[A-Z]{3}$'),
    reason              text not null default '',
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now()
);
create index if not exists disputes_payment on app.disputes (payment_id);

-- planned: select where profile_id = me; service_role all.
create table if not exists app.subscriptions (
    id                       uuid primary key default app.uuid7(),
    profile_id               uuid not null references app.profiles,
    provider_subscription_id text not null unique,
    state                    text not null check (state in ('incomplete', 'active', 'past_due', 'cancelled')),
    current_period_end       timestamptz,
    created_at               timestamptz not null default now(),
    updated_at               timestamptz not null default now()
);
create index if not exists subscriptions_profile on app.subscriptions (profile_id);

-- what a purchase gives ---------------------------------------------------------------------------------------------

-- planned: select where profile_id = me, or me teaches the course; service_role all.
create table if not exists app.enrollments (
    id            uuid primary key default app.uuid7(),
    profile_id    uuid not null references app.profiles,
    course_id     uuid not null references app.courses,
    order_item_id uuid references app.order_items,
    state         text not null default 'active' check (state in ('active', 'revoked')),
    granted_at    timestamptz not null default now(),
    revoked_at    timestamptz,
    unique (profile_id, course_id),
    check ((state = 'revoked') = (revoked_at is not null))
);
create index if not exists enrollments_course on app.enrollments (course_id);
create unique index if not exists enrollments_order_item on app.enrollments (order_item_id) where order_item_id is not null;

-- planned: select where profile_id = me, or me teaches the seminar; service_role all.
create table if not exists app.seminar_seats (
    id            uuid primary key default app.uuid7(),
    seminar_id    uuid not null references app.seminars,
    profile_id    uuid not null references app.profiles,
    order_item_id uuid references app.order_items,
    state         text not null check (state in ('waitlisted', 'held', 'confirmed', 'released')),
    held_until    timestamptz,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    check (state <> 'held' or held_until is not null)
);
create unique index if not exists seminar_seats_one_each on app.seminar_seats (seminar_id, profile_id) where state <> 'released';
create index if not exists seminar_seats_seminar on app.seminar_seats (seminar_id);
create index if not exists seminar_seats_profile on app.seminar_seats (profile_id);
create unique index if not exists seminar_seats_order_item on app.seminar_seats (order_item_id) where order_item_id is not null;

-- planned: select where profile_id = me, or me teaches the seminar; service_role all.
create table if not exists app.attendance (
    id         uuid primary key default app.uuid7(),
    seminar_id uuid not null references app.seminars,
    profile_id uuid not null references app.profiles,
    joined_at  timestamptz not null,
    left_at    timestamptz check (left_at >= joined_at)
);
create index if not exists attendance_seminar on app.attendance (seminar_id);
create index if not exists attendance_profile on app.attendance (profile_id);

-- the ledger of background work -------------------------------------------------------------------------------------

-- What may run, and how much of it at once. planned: none for anon and authenticated; service_role all.
create table if not exists app.job_kinds (
    kind         text primary key check (kind ~ '^[a-z_]+\.[a-z_]+$'),
    queue        text not null,
    max_running  integer check (max_running > 0),
    max_per_key  integer check (max_per_key > 0),
    paused_at    timestamptz,
    pause_reason text,
    check ((paused_at is null) = (pause_reason is null))
);

-- planned: select of own jobs (profile_id = me) through the API only, none directly; service_role all.
create table if not exists app.jobs (
    id              uuid primary key default app.uuid7(),
    kind            text not null,
    state            text not null default 'pending'
                    check (state in ('pending', 'dispatched', 'succeeded', 'dead', 'cancelled')),
    priority        smallint not null default 1 check (priority in (0, 1, 2)),
    lease_version   integer not null default 0,
    attempts        smallint not null default 0,
    max_attempts    smallint not null default 20 check (max_attempts > 0),
    isolated            boolean not null default false,
    run_at          timestamptz not null default clock_timestamp(),
    lease_until     timestamptz,
    payload         jsonb not null default '{}',
    dedupe_key      text,
    concurrency_key text,
    profile_id      uuid references app.profiles on delete set null,
    schedule        text,
    due_at          timestamptz,
    progress        jsonb,
    result          jsonb,
    last_error      text,
    created_at      timestamptz not null default now(),
    finished_at     timestamptz,
    check ((state = 'dispatched') = (lease_until is not null)),
    check ((state in ('succeeded', 'dead', 'cancelled')) = (finished_at is not null))
);
-- The relay's: each lane (kind, priority) is read in order from a watermark on.
create index if not exists jobs_pending on app.jobs (kind, priority, run_at, id) where state = 'pending';
-- The rescuer's, and the count of what runs.
create index if not exists jobs_dispatched on app.jobs (kind, lease_until) where state = 'dispatched';
-- The operator's: what failed.
create index if not exists jobs_dead on app.jobs (kind, finished_at) where state = 'dead';
create unique index if not exists jobs_dedupe on app.jobs (dedupe_key)
    where dedupe_key is not null and state in ('pending', 'dispatched');
create index if not exists jobs_concurrency on app.jobs (kind, concurrency_key)
    where concurrency_key is not null and state = 'dispatched';
create unique index if not exists jobs_tick on app.jobs (schedule, due_at) where schedule is not null;
create index if not exists jobs_profile on app.jobs (profile_id, id) where profile_id is not null;

-- planned: none for anon and authenticated; service_role all.
create table if not exists app.job_attempts (
    id          uuid primary key default app.uuid7(),
    job_id      uuid not null references app.jobs on delete cascade,
    lease_version integer not null,
    error       text not null,
    finished_at timestamptz not null default now()
);
create index if not exists job_attempts_job on app.job_attempts (job_id);

-- planned: none for anon and authenticated; service_role all.
create table if not exists app.schedules (
    name         text primary key,
    kind         text not null,
    payload      jsonb not null default '{}',
    every        interval not null check (every >= interval '1 second'),
    next_due_at  timestamptz not null default now(),
    paused_at    timestamptz
);

-- planned: none for anon and authenticated; service_role all.
create table if not exists app.webhook_events (
    id           uuid primary key default app.uuid7(),
    provider     text not null check (provider in ('stripe', 'livekit')),
    event_id     text not null check (length(event_id) between 1 and 255),
    type         text not null check (length(type) between 1 and 100),
    api_version  text,
    livemode     boolean,
    occurred_at  timestamptz not null,
    body         text not null,
    data         jsonb not null default '{}',
    state         text not null default 'received' check (state in ('received', 'processed', 'ignored', 'dead')),
    outcome      text,
    deliveries   integer not null default 1 check (deliveries > 0),
    received_at  timestamptz not null default now(),
    processed_at timestamptz,
    unique (provider, event_id),
    check ((state = 'received') = (processed_at is null))
);
create index if not exists webhook_events_unprocessed on app.webhook_events (received_at) where state = 'received';
create index if not exists webhook_events_dead on app.webhook_events (received_at) where state = 'dead';

-- planned: none for anon and authenticated; service_role all.
create table if not exists app.webhook_attempts (
    id               uuid primary key default app.uuid7(),
    webhook_event_id uuid not null references app.webhook_events on delete cascade,
    error            text not null,
    finished_at      timestamptz not null default now()
);
create index if not exists webhook_attempts_event on app.webhook_attempts (webhook_event_id);

-- what is told and what is kept -------------------------------------------------------------------------------------

-- `dedupe_key` names what the email is about, e.g. receipt:<order>: at most one email for each. planned: none for anon and authenticated; service_role all.
create table if not exists app.mail_messages (
    id         uuid primary key default app.uuid7(),
    dedupe_key text not null unique,
    template   text not null,
    profile_id uuid not null references app.profiles,
    params     jsonb not null default '{}',
    state      text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'dead')),
    created_at timestamptz not null default now(),
    sent_at    timestamptz,
    check ((state = 'sent') = (sent_at is not null))
);
create index if not exists mail_messages_profile on app.mail_messages (profile_id);
create index if not exists mail_messages_unsent on app.mail_messages (created_at) where state <> 'sent';

-- Written in the transaction it describes; seq, hash and sealed_at are set once, by audit.seal.
-- planned: none for anon and authenticated; service_role select and insert.
create table if not exists app.audit_events (
    id         uuid primary key default app.uuid7(),
    at         timestamptz not null default now(),
    tag        text not null check (tag ~ '^[a-z_]+:[a-z_]+:[a-z_]+$'),
    actor_id   uuid,
    subject_id uuid not null,
    data       jsonb not null default '{}',
    seq        bigint check (seq > 0),
    hash       bytea check (octet_length(hash) = 32),
    sealed_at  timestamptz,
    check (num_nonnulls(seq, hash, sealed_at) in (0, 3))
);
create unique index if not exists audit_events_seq on app.audit_events (seq) where seq is not null;
create index if not exists audit_events_unsealed on app.audit_events (id) where seq is null;
create index if not exists audit_events_subject on app.audit_events (subject_id);

-- Wakes the relay at commit with the lanes that have become due; identical notices of one transaction are one.
create or replace function app.notify_jobs() returns trigger
language plpgsql as $$
begin
    perform pg_notify('aula_jobs', lane)
    from (select distinct kind || ' ' || priority as lane from inserted where state = 'pending' and run_at <= clock_timestamp()) l;
    return null;
end
$$;
create or replace trigger jobs_notify after insert on app.jobs
    referencing new table as inserted for each statement execute function app.notify_jobs();

do $$
declare
    t text;
begin
    for t in select tablename from pg_tables where schemaname = 'app' and not rowsecurity loop
        execute format('alter table app.%I enable row level security', t);
    end loop;
end
$$;
