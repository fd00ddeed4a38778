-- The rooms of seminars: what was reminded of, who leads, and who came. Run once, by the revision of the same name.

alter table app.seminars
    -- The start that was reminded of: another time is reminded of again.
    add column reminded_day timestamptz,
    add column reminded_hour timestamptz;

-- Who is more than an attendee, by the teacher's word. planned: none for anon and authenticated; service_role all.
create table app.seminar_roles (
    seminar_id  uuid not null references app.seminars,
    profile_id  uuid not null references app.profiles,
    role        text not null check (role in ('co_host', 'speaker')),
    given_by    uuid not null references app.profiles,
    created_at  timestamptz not null default now(),
    primary key (seminar_id, profile_id)
);
create index seminar_roles_profile on app.seminar_roles (profile_id);
create index seminar_roles_by on app.seminar_roles (given_by);
alter table app.seminar_roles enable row level security;

-- LiveKit's id of one stay: the same joining told twice is one row.
alter table app.attendance
    add column participant_sid text unique check (length(participant_sid) between 1 and 255);
