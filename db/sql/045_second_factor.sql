-- A second factor for accounts: a secret for one-time passwords (RFC 6238), and recovery codes. Run once, by the revision
-- of the same name.

-- How a login was made: aal1 by a password, aal2 by a password and a second factor.
alter table app.sessions
    add column aal text not null default 'aal1' check (aal in ('aal1', 'aal2'));

-- At most one a person. `secret` is encrypted (ADR 26); `last_step` is the time step of the last code that was taken.
-- One that is not confirmed is kept for a day. planned: none for anon and authenticated; service_role all.
create table app.totp_factors (
    profile_id    uuid primary key references app.profiles (id) on delete cascade,
    secret        bytea not null check (length(secret) <= 200),
    started_at    timestamptz not null,
    confirmed_at  timestamptz,
    last_step     bigint,
    check (confirmed_at is null or last_step is not null)
);
create index totp_factors_started on app.totp_factors (started_at) where confirmed_at is null;
alter table app.totp_factors enable row level security;

-- Each counts once, in place of a code. Only its SHA-256 is stored.
-- planned: none for anon and authenticated; service_role all.
create table app.recovery_codes (
    id          uuid primary key default app.uuid7(),
    profile_id  uuid not null references app.totp_factors (profile_id) on delete cascade,
    code_hash   bytea not null unique check (length(code_hash) = 32),
    created_at  timestamptz not null,
    used_at     timestamptz
);
create index recovery_codes_profile on app.recovery_codes (profile_id);
alter table app.recovery_codes enable row level security;
