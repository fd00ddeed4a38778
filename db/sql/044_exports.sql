-- People get what is kept about them as an archive. Run once, by the revision of the same name.

-- One archive a person: a new request replaces it. Kept for 7 days after it is ready.
-- planned: none for anon and authenticated; service_role all.
create table app.exports (
    id            uuid primary key default app.uuid7(),
    profile_id    uuid not null unique references app.profiles (id) on delete cascade,
    requested_at  timestamptz not null,
    ready_at      timestamptz,
    expires_at    timestamptz,
    archive       bytea,
    check ((ready_at is null) = (archive is null) and (ready_at is null) = (expires_at is null))
);
create index exports_expired on app.exports (expires_at) where expires_at is not null;
alter table app.exports enable row level security;
