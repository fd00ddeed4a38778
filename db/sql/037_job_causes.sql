-- Jobs keep what caused them, and many jobs or events can be replayed by filter. Run once, by the revision of the same
-- name.

-- The request, event, checkout or job that caused it; null for the ticks of schedules, and for jobs from before. It has
-- no foreign key: requests are no rows, and rows are pruned before their followers.
alter table app.jobs add column cause_id uuid;
-- Built while the table is locked: a million jobs take about a second.
create index jobs_cause on app.jobs (cause_id) where cause_id is not null;
-- The events about an order: those of its checkouts name it, refunds and disputes name its payments.
create index webhook_events_subject on app.webhook_events ((coalesce(data ->> 'order_id', data ->> 'payment_id')))
    where coalesce(data ->> 'order_id', data ->> 'payment_id') is not null;

-- replays of many ----------------------------------------------------------------------------------------------------

-- Kept for ever, since there are few. planned: none for anon and authenticated; service_role all.
create table app.replays (
    id            uuid primary key default app.uuid7(),
    target        text not null check (target in ('webhooks', 'jobs')),
    filter        jsonb not null default '{}',
    reason        text not null check (length(reason) between 1 and 500),
    created_by    uuid references app.profiles on delete set null,
    rate          integer not null check (rate between 1 and 1000),
    state         text not null default 'running' check (state in ('running', 'paused', 'finished', 'cancelled')),
    step          integer not null default 0 check (step >= 0),
    expected      integer not null check (expected >= 0),
    replayed      integer not null default 0 check (replayed >= 0),
    skipped       integer not null default 0 check (skipped >= 0),
    after_id      uuid,
    until_id      uuid not null,
    moved_at      timestamptz not null default now(),
    last_error    text check (length(last_error) <= 2000),
    created_at    timestamptz not null default now(),
    finished_at   timestamptz,
    check ((state in ('finished', 'cancelled')) = (finished_at is not null))
);
create index replays_created_by on app.replays (created_by) where created_by is not null;
alter table app.replays enable row level security;
