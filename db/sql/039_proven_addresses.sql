-- An address is proven by mail before its account signs in. Run once, by the revision of the same name.

-- Who could sign in until now still can.
alter table app.profiles add column email_proven_at timestamptz;
update app.profiles set email_proven_at = created_at;
create index profiles_unproven on app.profiles (created_at) where email_proven_at is null;

-- What a link in an email stands for. The link's secret is not stored: it is derived from the id (ADR 25).
-- Kept for a week after it has expired. planned: none for anon and authenticated; service_role all.
create table app.one_time_tokens (
    id          uuid primary key default app.uuid7(),
    profile_id  uuid not null references app.profiles (id) on delete cascade,
    purpose     text not null check (purpose in ('prove_email', 'reset_password', 'change_email')),
    email       text not null check (length(email) <= 254),
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    used_at     timestamptz
);
create index one_time_tokens_profile on app.one_time_tokens (profile_id, purpose);
create index one_time_tokens_expired on app.one_time_tokens (expires_at);
alter table app.one_time_tokens enable row level security;
