-- Events name their account; the provider's events and books are read from where the last reading ended. Run once, by the
-- revision of the same name.

alter table app.webhook_events add column account text check (length(account) <= 600);

-- money and its provider ---------------------------------------------------------------------------------------------

-- Where a reading of the provider ended. Two rows, kept for ever. planned: none for anon and authenticated; service_role
-- all.
create table app.provider_cursors (
    name        text primary key check (name in ('events', 'books')),
    began_at    timestamptz not null,
    reached_at  timestamptz not null check (reached_at >= began_at),
    until       timestamptz,
    after       text check (length(after) <= 255),
    updated_at  timestamptz not null default now(),
    check (after is null or until is not null)
);
alter table app.provider_cursors enable row level security;

-- Kept as long as payments. planned: none for anon and authenticated; service_role all.
create table app.book_entries (
    id                   uuid primary key default app.uuid7(),
    transaction_id       text not null unique check (length(transaction_id) <= 255),
    kind                 text not null check (kind in ('payment', 'refund', 'refund_failure', 'dispute', 'dispute_reversal')),
    object_id            text not null check (length(object_id) <= 255),
    provider_payment_id  text not null check (length(provider_payment_id) <= 255),
    order_id             uuid,
    amount               bigint not null check (amount >= 0),
    currency             char(3) not null check (currency ~ '^[A-Z]{3}$'),
    fee_amount           bigint not null,
    settled_amount       bigint not null,
    settled_currency     char(3) not null check (settled_currency ~ '^[A-Z]{3}$'),
    booked_at            timestamptz not null,
    created_at           timestamptz not null default now()
);
create index book_entries_object on app.book_entries (object_id);
create index book_entries_payment on app.book_entries (provider_payment_id);
create index book_entries_booked on app.book_entries (booked_at);
alter table app.book_entries enable row level security;
