-- Outcomes of payments that are overdue are asked for at the provider. Run once, by the revision of the same name.

-- When the provider was last asked about it because its outcome was overdue.
alter table app.checkouts add column asked_at timestamptz;
-- Both index unfinished rows only, so they are small and are built within the lock's timeout.
create index checkouts_open_until on app.checkouts (expires_at) where closed_at is null;
create index payments_processing on app.payments (created_at) where state = 'processing';
