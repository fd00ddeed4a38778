-- A login is a row of its own, so that it can be listed and ended at once. Run once, by the revision of the same name.

-- Kept until it has ended or expired for a while. planned: select own rows for authenticated; service_role all.
create table app.sessions (
    id          uuid primary key default app.uuid7(),
    profile_id  uuid not null references app.profiles (id) on delete cascade,
    user_agent  text not null default '' check (length(user_agent) <= 200),
    network     text not null default '' check (length(network) <= 60),
    created_at  timestamptz not null,
    used_at     timestamptz not null,
    expires_at  timestamptz not null,
    ended_at    timestamptz
);
create index sessions_profile on app.sessions (profile_id, used_at desc);
create index sessions_expired on app.sessions (expires_at);
alter table app.sessions enable row level security;

insert into app.sessions (id, profile_id, created_at, used_at, expires_at, ended_at)
select family_id, profile_id, min(created_at), max(created_at), min(created_at) + interval '90 days', min(revoked_at)
from app.refresh_tokens
group by family_id, profile_id;

alter table app.refresh_tokens rename column family_id to session_id;
alter index app.refresh_tokens_family rename to refresh_tokens_session;
alter table app.refresh_tokens
    add constraint refresh_tokens_session_id_fkey
        foreign key (session_id) references app.sessions (id) on delete cascade,
    drop column revoked_at;
