-- Anchors of the audit log. Run once, by the revision of the same name.

-- A signed statement of where the chain ends. The same is kept outside the database, where its owner cannot change it.
-- planned: none for anon and authenticated; service_role select and insert.
create table app.audit_anchors (
    number      bigint primary key check (number > 0),
    entries     bigint not null check (entries > 0),
    hash        bytea not null check (octet_length(hash) = 32),
    made_at     timestamptz not null,
    key         text not null check (key ~ '^[0-9a-f]{64}$'),
    signature   bytea not null check (octet_length(signature) = 64),
    mailed      boolean not null,
    stored_at   timestamptz
);
create index audit_anchors_unstored on app.audit_anchors (number) where stored_at is null;
alter table app.audit_anchors enable row level security;
