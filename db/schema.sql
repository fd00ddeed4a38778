-- Written by `make db.schema` from the newest revision; edit db/sql and alembic instead.

CREATE SCHEMA app;

CREATE FUNCTION app.count_seats() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    change integer := 0;
begin
    if tg_op <> 'DELETE' and new.state in ('offered', 'held', 'confirmed') then
        change := change + 1;
    end if;
    if tg_op <> 'INSERT' and old.state in ('offered', 'held', 'confirmed') then
        change := change - 1;
    end if;
    if change <> 0 then
        update app.seminars set seats_taken = seats_taken + change where id = coalesce(new.seminar_id, old.seminar_id);
    end if;
    return null;
end $$;

CREATE FUNCTION app.notify_jobs() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_notify('aula_jobs', lane)
    from (select distinct kind || ' ' || priority as lane from inserted where state = 'pending' and run_at <= clock_timestamp()) l;
    return null;
end
$$;

CREATE FUNCTION app.uuid7() RETURNS uuid
    LANGUAGE sql PARALLEL RESTRICTED
    AS $$
    select encode(
        int8send(((extract(epoch from clock_timestamp()) * 1000)::bigint << 16) | x'7000'::bigint
                 | floor(random() * 4096)::bigint)
        || int8send((1::bigint << 63) | (floor(random() * 2147483648)::bigint << 31)
                    | floor(random() * 2147483648)::bigint),
        'hex')::uuid
$$;

CREATE TABLE app.attendance (
    id uuid DEFAULT app.uuid7() NOT NULL,
    seminar_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    left_at timestamp with time zone,
    participant_sid text,
    CONSTRAINT attendance_check CHECK ((left_at >= joined_at)),
    CONSTRAINT attendance_participant_sid_check CHECK (((length(participant_sid) >= 1) AND (length(participant_sid) <= 255)))
);

CREATE TABLE app.audit_anchors (
    number bigint NOT NULL,
    entries bigint NOT NULL,
    hash bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    key text NOT NULL,
    signature bytea NOT NULL,
    mailed boolean NOT NULL,
    stored_at timestamp with time zone,
    CONSTRAINT audit_anchors_entries_check CHECK ((entries > 0)),
    CONSTRAINT audit_anchors_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT audit_anchors_key_check CHECK ((key ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT audit_anchors_number_check CHECK ((number > 0)),
    CONSTRAINT audit_anchors_signature_check CHECK ((octet_length(signature) = 64))
);

CREATE TABLE app.audit_events (
    id uuid DEFAULT app.uuid7() NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    tag text NOT NULL,
    actor_id uuid,
    subject_id uuid NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    seq bigint,
    hash bytea,
    sealed_at timestamp with time zone,
    CONSTRAINT audit_events_check CHECK ((num_nonnulls(seq, hash, sealed_at) = ANY (ARRAY[0, 3]))),
    CONSTRAINT audit_events_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT audit_events_seq_check CHECK ((seq > 0)),
    CONSTRAINT audit_events_tag_check CHECK ((tag ~ '^[a-z_]+:[a-z_]+:[a-z_]+$'::text))
);

CREATE TABLE app.book_entries (
    id uuid DEFAULT app.uuid7() NOT NULL,
    transaction_id text NOT NULL,
    kind text NOT NULL,
    object_id text NOT NULL,
    provider_payment_id text NOT NULL,
    order_id uuid,
    amount bigint NOT NULL,
    currency character(3) NOT NULL,
    fee_amount bigint NOT NULL,
    settled_amount bigint NOT NULL,
    settled_currency character(3) NOT NULL,
    booked_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT book_entries_amount_check CHECK ((amount >= 0)),
    CONSTRAINT book_entries_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT book_entries_kind_check CHECK ((kind = ANY (ARRAY['payment'::text, 'refund'::text, 'refund_failure'::text, 'dispute'::text, 'dispute_reversal'::text]))),
    CONSTRAINT book_entries_object_id_check CHECK ((length(object_id) <= 255)),
    CONSTRAINT book_entries_provider_payment_id_check CHECK ((length(provider_payment_id) <= 255)),
    CONSTRAINT book_entries_settled_currency_check CHECK ((settled_currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT book_entries_transaction_id_check CHECK ((length(transaction_id) <= 255))
);

CREATE TABLE app.checkouts (
    id uuid DEFAULT app.uuid7() NOT NULL,
    order_id uuid NOT NULL,
    number integer NOT NULL,
    session_id text NOT NULL,
    ui_mode text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    closed_at timestamp with time zone,
    asked_at timestamp with time zone,
    CONSTRAINT checkouts_number_check CHECK ((number > 0)),
    CONSTRAINT checkouts_ui_mode_check CHECK ((ui_mode = ANY (ARRAY['elements'::text, 'hosted_page'::text])))
);

CREATE TABLE app.courses (
    id uuid DEFAULT app.uuid7() NOT NULL,
    teacher_id uuid NOT NULL,
    title text NOT NULL,
    summary text DEFAULT ''::text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    price_amount bigint NOT NULL,
    currency character(3) NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    published_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    refund_days integer DEFAULT 14 NOT NULL,
    refund_max_progress integer DEFAULT 30 NOT NULL,
    CONSTRAINT courses_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT courses_description_check CHECK ((length(description) <= 20000)),
    CONSTRAINT courses_price_amount_check CHECK (((price_amount >= 0) AND (price_amount <= 99999999))),
    CONSTRAINT courses_refund_days_check CHECK (((refund_days >= 0) AND (refund_days <= 365))),
    CONSTRAINT courses_refund_max_progress_check CHECK (((refund_max_progress >= 0) AND (refund_max_progress <= 100))),
    CONSTRAINT courses_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'published'::text, 'archived'::text]))),
    CONSTRAINT courses_summary_check CHECK ((length(summary) <= 500)),
    CONSTRAINT courses_title_check CHECK (((length(title) >= 1) AND (length(title) <= 120)))
);

CREATE TABLE app.disputes (
    id uuid DEFAULT app.uuid7() NOT NULL,
    payment_id uuid,
    provider_dispute_id text NOT NULL,
    state text NOT NULL,
    amount bigint NOT NULL,
    currency character(3) NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    provider_payment_id text NOT NULL,
    CONSTRAINT disputes_amount_check CHECK ((amount > 0)),
    CONSTRAINT disputes_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT disputes_state_check CHECK ((state = ANY (ARRAY['open'::text, 'won'::text, 'lost'::text])))
);

CREATE TABLE app.enrollments (
    id uuid DEFAULT app.uuid7() NOT NULL,
    profile_id uuid NOT NULL,
    course_id uuid NOT NULL,
    order_item_id uuid,
    state text DEFAULT 'active'::text NOT NULL,
    granted_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    gift_id uuid,
    subscription_id uuid,
    purchase_number smallint,
    CONSTRAINT enrollments_check CHECK (((state = 'revoked'::text) = (revoked_at IS NOT NULL))),
    CONSTRAINT enrollments_one_source CHECK ((num_nonnulls(order_item_id, gift_id, subscription_id) = 1)),
    CONSTRAINT enrollments_purchase CHECK (((order_item_id IS NULL) = (purchase_number IS NULL))),
    CONSTRAINT enrollments_purchase_number_check CHECK ((purchase_number > 0)),
    CONSTRAINT enrollments_state_check CHECK ((state = ANY (ARRAY['active'::text, 'revoked'::text])))
);

CREATE TABLE app.exports (
    id uuid DEFAULT app.uuid7() NOT NULL,
    profile_id uuid NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    ready_at timestamp with time zone,
    expires_at timestamp with time zone,
    archive bytea,
    CONSTRAINT exports_check CHECK ((((ready_at IS NULL) = (archive IS NULL)) AND ((ready_at IS NULL) = (expires_at IS NULL))))
);

CREATE TABLE app.findings (
    id uuid DEFAULT app.uuid7() NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    order_id uuid,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    times_seen integer DEFAULT 1 NOT NULL,
    reported_at timestamp with time zone,
    closed_at timestamp with time zone,
    closed_by uuid,
    resolution text,
    close_reason text,
    CONSTRAINT findings_check CHECK (((closed_at IS NULL) = (resolution IS NULL))),
    CONSTRAINT findings_close_reason_check CHECK ((length(close_reason) <= 500)),
    CONSTRAINT findings_kind_check CHECK ((kind ~ '^[a-z_]+$'::text)),
    CONSTRAINT findings_resolution_check CHECK ((resolution = ANY (ARRAY['accepted'::text, 'refunded'::text, 'dismissed'::text, 'resolved'::text]))),
    CONSTRAINT findings_times_seen_check CHECK ((times_seen > 0))
);

CREATE TABLE app.gifts (
    id uuid DEFAULT app.uuid7() NOT NULL,
    course_id uuid NOT NULL,
    email text NOT NULL,
    given_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    granted_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    withdrawn_by uuid,
    CONSTRAINT gifts_check CHECK (((withdrawn_at IS NULL) = (withdrawn_by IS NULL))),
    CONSTRAINT gifts_email_check CHECK (((email = lower(email)) AND (length(email) <= 254)))
);

CREATE TABLE app.idempotency_keys (
    id uuid DEFAULT app.uuid7() NOT NULL,
    profile_id uuid,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status integer NOT NULL,
    headers jsonb DEFAULT '{}'::jsonb NOT NULL,
    body jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
    CONSTRAINT idempotency_keys_request_hash_check CHECK ((octet_length(request_hash) = 32)),
    CONSTRAINT idempotency_keys_status_check CHECK (((status >= 200) AND (status <= 299)))
);

CREATE TABLE app.job_attempts (
    id uuid DEFAULT app.uuid7() NOT NULL,
    job_id uuid NOT NULL,
    lease_version integer NOT NULL,
    error text NOT NULL,
    finished_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE app.job_kinds (
    kind text NOT NULL,
    queue text NOT NULL,
    max_running integer,
    max_per_key integer,
    paused_at timestamp with time zone,
    pause_reason text,
    CONSTRAINT job_kinds_check CHECK (((paused_at IS NULL) = (pause_reason IS NULL))),
    CONSTRAINT job_kinds_kind_check CHECK ((kind ~ '^[a-z_]+\.[a-z_]+$'::text)),
    CONSTRAINT job_kinds_max_per_key_check CHECK ((max_per_key > 0)),
    CONSTRAINT job_kinds_max_running_check CHECK ((max_running > 0))
);

CREATE TABLE app.jobs (
    id uuid DEFAULT app.uuid7() NOT NULL,
    kind text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    priority smallint DEFAULT 1 NOT NULL,
    lease_version integer DEFAULT 0 NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    max_attempts smallint DEFAULT 20 NOT NULL,
    isolated boolean DEFAULT false NOT NULL,
    run_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    lease_until timestamp with time zone,
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    dedupe_key text,
    concurrency_key text,
    profile_id uuid,
    schedule text,
    due_at timestamp with time zone,
    progress jsonb,
    result jsonb,
    last_error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    unavailable_since timestamp with time zone,
    cause_id uuid,
    batch_limit smallint DEFAULT 1 NOT NULL,
    deaths smallint DEFAULT 0 NOT NULL,
    CONSTRAINT jobs_batch_limit_check CHECK ((batch_limit > 0)),
    CONSTRAINT jobs_check CHECK (((state = 'dispatched'::text) = (lease_until IS NOT NULL))),
    CONSTRAINT jobs_check1 CHECK (((state = ANY (ARRAY['succeeded'::text, 'dead'::text, 'cancelled'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT jobs_deaths_check CHECK ((deaths >= 0)),
    CONSTRAINT jobs_max_attempts_check CHECK ((max_attempts > 0)),
    CONSTRAINT jobs_priority_check CHECK ((priority = ANY (ARRAY[0, 1, 2]))),
    CONSTRAINT jobs_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'dispatched'::text, 'succeeded'::text, 'dead'::text, 'cancelled'::text])))
);

CREATE TABLE app.lesson_completions (
    profile_id uuid NOT NULL,
    lesson_id uuid NOT NULL,
    completed_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE app.lessons (
    id uuid DEFAULT app.uuid7() NOT NULL,
    course_id uuid NOT NULL,
    "position" integer NOT NULL,
    title text NOT NULL,
    body text DEFAULT ''::text NOT NULL,
    video_url text,
    is_preview boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT lessons_body_check CHECK ((length(body) <= 50000)),
    CONSTRAINT lessons_position_check CHECK (("position" > 0)),
    CONSTRAINT lessons_title_check CHECK (((length(title) >= 1) AND (length(title) <= 120))),
    CONSTRAINT lessons_video_url_check CHECK ((length(video_url) <= 2000))
);

CREATE TABLE app.mail_messages (
    id uuid DEFAULT app.uuid7() NOT NULL,
    dedupe_key text NOT NULL,
    template text NOT NULL,
    profile_id uuid NOT NULL,
    params jsonb DEFAULT '{}'::jsonb NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    sent_at timestamp with time zone,
    CONSTRAINT mail_messages_check CHECK (((state = 'sent'::text) = (sent_at IS NOT NULL))),
    CONSTRAINT mail_messages_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'dead'::text])))
);

CREATE TABLE app.one_time_tokens (
    id uuid DEFAULT app.uuid7() NOT NULL,
    profile_id uuid NOT NULL,
    purpose text NOT NULL,
    email text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT one_time_tokens_email_check CHECK ((length(email) <= 254)),
    CONSTRAINT one_time_tokens_purpose_check CHECK ((purpose = ANY (ARRAY['prove_email'::text, 'reset_password'::text, 'change_email'::text])))
);

CREATE TABLE app.order_items (
    id uuid DEFAULT app.uuid7() NOT NULL,
    order_id uuid NOT NULL,
    course_id uuid,
    service_id uuid,
    seminar_id uuid,
    title text NOT NULL,
    unit_amount bigint NOT NULL,
    quantity integer DEFAULT 1 NOT NULL,
    fulfilled_at timestamp with time zone,
    refund_days integer DEFAULT 14 NOT NULL,
    refund_max_progress integer DEFAULT 30 NOT NULL,
    refunded_at timestamp with time zone,
    CONSTRAINT order_items_check CHECK ((num_nonnulls(course_id, service_id, seminar_id) = 1)),
    CONSTRAINT order_items_check1 CHECK (((service_id IS NOT NULL) OR (quantity = 1))),
    CONSTRAINT order_items_quantity_check CHECK (((quantity >= 1) AND (quantity <= 20))),
    CONSTRAINT order_items_refund_days_check CHECK (((refund_days >= 0) AND (refund_days <= 365))),
    CONSTRAINT order_items_refund_max_progress_check CHECK (((refund_max_progress >= 0) AND (refund_max_progress <= 100))),
    CONSTRAINT order_items_unit_amount_check CHECK (((unit_amount >= 0) AND (unit_amount <= 99999999)))
);

CREATE TABLE app.orders (
    id uuid DEFAULT app.uuid7() NOT NULL,
    profile_id uuid NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    total_amount bigint NOT NULL,
    currency character(3) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    paid_at timestamp with time zone,
    fulfilled_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT orders_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT orders_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'processing'::text, 'paid'::text, 'fulfilled'::text, 'cancelled'::text, 'expired'::text, 'refunded'::text, 'disputed'::text]))),
    CONSTRAINT orders_total_amount_check CHECK (((total_amount >= 0) AND (total_amount <= 99999999)))
);

CREATE TABLE app.payments (
    id uuid DEFAULT app.uuid7() NOT NULL,
    order_id uuid NOT NULL,
    provider text DEFAULT 'stripe'::text NOT NULL,
    provider_payment_id text NOT NULL,
    state text NOT NULL,
    amount bigint NOT NULL,
    currency character(3) NOT NULL,
    livemode boolean NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    accepted_at timestamp with time zone,
    CONSTRAINT payments_amount_check CHECK ((amount >= 0)),
    CONSTRAINT payments_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT payments_provider_check CHECK ((provider = 'stripe'::text)),
    CONSTRAINT payments_state_check CHECK ((state = ANY (ARRAY['processing'::text, 'succeeded'::text, 'failed'::text])))
);

CREATE TABLE app.posts (
    id uuid DEFAULT app.uuid7() NOT NULL,
    author_id uuid NOT NULL,
    course_id uuid,
    body text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT posts_body_check CHECK (((length(body) >= 1) AND (length(body) <= 5000)))
);

CREATE TABLE app.profiles (
    id uuid DEFAULT app.uuid7() NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    display_name text NOT NULL,
    role text DEFAULT 'member'::text NOT NULL,
    locale text DEFAULT 'sv'::text NOT NULL,
    supabase_user_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    erased_at timestamp with time zone,
    email_proven_at timestamp with time zone,
    CONSTRAINT profiles_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 80))),
    CONSTRAINT profiles_email_check CHECK (((email = lower(email)) AND (length(email) <= 254))),
    CONSTRAINT profiles_locale_check CHECK ((locale = ANY (ARRAY['sv'::text, 'en'::text]))),
    CONSTRAINT profiles_role_check CHECK ((role = ANY (ARRAY['member'::text, 'teacher'::text, 'admin'::text])))
);

CREATE TABLE app.provider_cursors (
    name text NOT NULL,
    began_at timestamp with time zone NOT NULL,
    reached_at timestamp with time zone NOT NULL,
    until timestamp with time zone,
    after text,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT provider_cursors_after_check CHECK ((length(after) <= 255)),
    CONSTRAINT provider_cursors_check CHECK ((reached_at >= began_at)),
    CONSTRAINT provider_cursors_check1 CHECK (((after IS NULL) OR (until IS NOT NULL))),
    CONSTRAINT provider_cursors_name_check CHECK ((name = ANY (ARRAY['events'::text, 'books'::text])))
);

CREATE UNLOGGED TABLE app.rate_limits (
    bucket text NOT NULL,
    window_start timestamp with time zone NOT NULL,
    hits integer DEFAULT 1 NOT NULL,
    CONSTRAINT rate_limits_bucket_check CHECK ((length(bucket) <= 200)),
    CONSTRAINT rate_limits_hits_check CHECK ((hits > 0))
);

CREATE TABLE app.recovery_codes (
    id uuid DEFAULT app.uuid7() NOT NULL,
    profile_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT recovery_codes_code_hash_check CHECK ((length(code_hash) = 32))
);

CREATE TABLE app.refresh_tokens (
    id uuid DEFAULT app.uuid7() NOT NULL,
    profile_id uuid NOT NULL,
    session_id uuid CONSTRAINT refresh_tokens_family_id_not_null NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT refresh_tokens_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

CREATE TABLE app.refund_items (
    refund_id uuid NOT NULL,
    order_item_id uuid NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT refund_items_amount_check CHECK ((amount >= 0))
);

CREATE TABLE app.refunds (
    id uuid DEFAULT app.uuid7() NOT NULL,
    payment_id uuid,
    provider_refund_id text,
    state text NOT NULL,
    amount bigint NOT NULL,
    currency character(3) NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    provider_payment_id text NOT NULL,
    requested_by uuid,
    requested_as text,
    finding_id uuid,
    failure text,
    CONSTRAINT refunds_amount_check CHECK ((amount > 0)),
    CONSTRAINT refunds_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT refunds_failure_check CHECK ((length(failure) <= 500)),
    CONSTRAINT refunds_reason_check CHECK ((length(reason) <= 500)),
    CONSTRAINT refunds_requested_as_check CHECK ((requested_as = ANY (ARRAY['buyer'::text, 'teacher'::text, 'admin'::text, 'system'::text]))),
    CONSTRAINT refunds_state_check CHECK ((state = ANY (ARRAY['requested'::text, 'pending'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])))
);

CREATE TABLE app.replays (
    id uuid DEFAULT app.uuid7() NOT NULL,
    target text NOT NULL,
    filter jsonb DEFAULT '{}'::jsonb NOT NULL,
    reason text NOT NULL,
    created_by uuid,
    rate integer NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    step integer DEFAULT 0 NOT NULL,
    expected integer NOT NULL,
    replayed integer DEFAULT 0 NOT NULL,
    skipped integer DEFAULT 0 NOT NULL,
    after_id uuid,
    until_id uuid NOT NULL,
    moved_at timestamp with time zone DEFAULT now() NOT NULL,
    last_error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT replays_check CHECK (((state = ANY (ARRAY['finished'::text, 'cancelled'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT replays_expected_check CHECK ((expected >= 0)),
    CONSTRAINT replays_last_error_check CHECK ((length(last_error) <= 2000)),
    CONSTRAINT replays_rate_check CHECK (((rate >= 1) AND (rate <= 1000))),
    CONSTRAINT replays_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500))),
    CONSTRAINT replays_replayed_check CHECK ((replayed >= 0)),
    CONSTRAINT replays_skipped_check CHECK ((skipped >= 0)),
    CONSTRAINT replays_state_check CHECK ((state = ANY (ARRAY['running'::text, 'paused'::text, 'finished'::text, 'cancelled'::text]))),
    CONSTRAINT replays_step_check CHECK ((step >= 0)),
    CONSTRAINT replays_target_check CHECK ((target = ANY (ARRAY['webhooks'::text, 'jobs'::text])))
);

CREATE TABLE app.schedules (
    name text NOT NULL,
    kind text NOT NULL,
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    every interval NOT NULL,
    next_due_at timestamp with time zone DEFAULT now() NOT NULL,
    paused_at timestamp with time zone,
    CONSTRAINT schedules_every_check CHECK ((every >= '00:00:01'::interval))
);

CREATE TABLE app.seminar_bans (
    seminar_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    banned_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE app.seminar_guests (
    id uuid DEFAULT app.uuid7() NOT NULL,
    seminar_id uuid NOT NULL,
    email text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT seminar_guests_email_check CHECK (((email = lower(email)) AND (length(email) <= 254)))
);

CREATE TABLE app.seminar_roles (
    seminar_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    role text NOT NULL,
    given_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT seminar_roles_role_check CHECK ((role = ANY (ARRAY['co_host'::text, 'speaker'::text])))
);

CREATE TABLE app.seminar_seats (
    id uuid DEFAULT app.uuid7() NOT NULL,
    seminar_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    order_item_id uuid,
    state text NOT NULL,
    held_until timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    source text,
    CONSTRAINT seminar_seats_given_check CHECK (((state <> ALL (ARRAY['held'::text, 'confirmed'::text])) OR (source IS NOT NULL))),
    CONSTRAINT seminar_seats_order_check CHECK (((source <> 'order'::text) OR (order_item_id IS NOT NULL))),
    CONSTRAINT seminar_seats_source_check CHECK ((source = ANY (ARRAY['order'::text, 'course'::text, 'guest'::text]))),
    CONSTRAINT seminar_seats_state_check CHECK ((state = ANY (ARRAY['waitlisted'::text, 'offered'::text, 'held'::text, 'confirmed'::text, 'released'::text]))),
    CONSTRAINT seminar_seats_until_check CHECK (((state <> ALL (ARRAY['held'::text, 'offered'::text])) OR (held_until IS NOT NULL)))
);

CREATE TABLE app.seminars (
    id uuid DEFAULT app.uuid7() NOT NULL,
    teacher_id uuid NOT NULL,
    title text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    capacity integer NOT NULL,
    price_amount bigint NOT NULL,
    currency character(3) NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    room_name text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    course_id uuid,
    series_id uuid,
    refund_days integer DEFAULT 14 NOT NULL,
    published_at timestamp with time zone,
    opened_at timestamp with time zone,
    closed_at timestamp with time zone,
    cancelled_at timestamp with time zone,
    summary jsonb,
    seats_taken integer DEFAULT 0 NOT NULL,
    reminded_day timestamp with time zone,
    reminded_hour timestamp with time zone,
    CONSTRAINT seminars_capacity_check CHECK (((capacity >= 1) AND (capacity <= 1000))),
    CONSTRAINT seminars_check CHECK ((ends_at > starts_at)),
    CONSTRAINT seminars_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT seminars_description_check CHECK ((length(description) <= 20000)),
    CONSTRAINT seminars_not_oversold CHECK (((seats_taken >= 0) AND (seats_taken <= capacity))),
    CONSTRAINT seminars_price_amount_check CHECK (((price_amount >= 0) AND (price_amount <= 99999999))),
    CONSTRAINT seminars_refund_days_check CHECK (((refund_days >= 0) AND (refund_days <= 365))),
    CONSTRAINT seminars_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'published'::text, 'provisioned'::text, 'open'::text, 'closed'::text, 'cancelled'::text]))),
    CONSTRAINT seminars_title_check CHECK (((length(title) >= 1) AND (length(title) <= 120)))
);

CREATE VIEW app.service_orders WITH (security_invoker='true') AS
 SELECT i.id,
    i.order_id,
    o.profile_id,
    i.service_id,
    i.title,
    i.quantity,
    i.unit_amount,
    o.currency,
        CASE
            WHEN (o.state = ANY (ARRAY['refunded'::text, 'disputed'::text])) THEN o.state
            WHEN (i.refunded_at IS NOT NULL) THEN 'refunded'::text
            WHEN (i.fulfilled_at IS NULL) THEN 'pending'::text
            ELSE 'booked'::text
        END AS state,
    i.fulfilled_at AS booked_at
   FROM (app.order_items i
     JOIN app.orders o ON ((o.id = i.order_id)))
  WHERE ((i.service_id IS NOT NULL) AND (o.state = ANY (ARRAY['paid'::text, 'fulfilled'::text, 'refunded'::text, 'disputed'::text])));

CREATE TABLE app.services (
    id uuid DEFAULT app.uuid7() NOT NULL,
    teacher_id uuid NOT NULL,
    title text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    duration_minutes integer NOT NULL,
    price_amount bigint NOT NULL,
    currency character(3) NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    published_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    refund_days integer DEFAULT 14 NOT NULL,
    CONSTRAINT services_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT services_description_check CHECK ((length(description) <= 20000)),
    CONSTRAINT services_duration_minutes_check CHECK (((duration_minutes >= 5) AND (duration_minutes <= 1440))),
    CONSTRAINT services_price_amount_check CHECK (((price_amount >= 0) AND (price_amount <= 99999999))),
    CONSTRAINT services_refund_days_check CHECK (((refund_days >= 0) AND (refund_days <= 365))),
    CONSTRAINT services_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'published'::text, 'archived'::text]))),
    CONSTRAINT services_title_check CHECK (((length(title) >= 1) AND (length(title) <= 120)))
);

CREATE TABLE app.sessions (
    id uuid DEFAULT app.uuid7() NOT NULL,
    profile_id uuid NOT NULL,
    user_agent text DEFAULT ''::text NOT NULL,
    network text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    aal text DEFAULT 'aal1'::text NOT NULL,
    CONSTRAINT sessions_aal_check CHECK ((aal = ANY (ARRAY['aal1'::text, 'aal2'::text]))),
    CONSTRAINT sessions_network_check CHECK ((length(network) <= 60)),
    CONSTRAINT sessions_user_agent_check CHECK ((length(user_agent) <= 200))
);

CREATE TABLE app.subscriptions (
    id uuid DEFAULT app.uuid7() NOT NULL,
    profile_id uuid NOT NULL,
    provider_subscription_id text NOT NULL,
    state text NOT NULL,
    current_period_end timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT subscriptions_state_check CHECK ((state = ANY (ARRAY['incomplete'::text, 'active'::text, 'past_due'::text, 'cancelled'::text])))
);

CREATE TABLE app.totp_factors (
    profile_id uuid NOT NULL,
    secret bytea NOT NULL,
    started_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint,
    CONSTRAINT totp_factors_check CHECK (((confirmed_at IS NULL) OR (last_step IS NOT NULL))),
    CONSTRAINT totp_factors_secret_check CHECK ((length(secret) <= 200))
);

CREATE TABLE app.webhook_attempts (
    id uuid DEFAULT app.uuid7() NOT NULL,
    webhook_event_id uuid NOT NULL,
    error text NOT NULL,
    finished_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE app.webhook_events (
    id uuid DEFAULT app.uuid7() NOT NULL,
    provider text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    api_version text,
    livemode boolean,
    occurred_at timestamp with time zone NOT NULL,
    body text NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    state text DEFAULT 'received'::text NOT NULL,
    outcome text,
    deliveries integer DEFAULT 1 NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    processed_at timestamp with time zone,
    account text,
    CONSTRAINT webhook_events_account_check CHECK ((length(account) <= 600)),
    CONSTRAINT webhook_events_check CHECK (((state = 'received'::text) = (processed_at IS NULL))),
    CONSTRAINT webhook_events_deliveries_check CHECK ((deliveries > 0)),
    CONSTRAINT webhook_events_event_id_check CHECK (((length(event_id) >= 1) AND (length(event_id) <= 255))),
    CONSTRAINT webhook_events_provider_check CHECK ((provider = ANY (ARRAY['stripe'::text, 'livekit'::text]))),
    CONSTRAINT webhook_events_state_check CHECK ((state = ANY (ARRAY['received'::text, 'processed'::text, 'ignored'::text, 'dead'::text]))),
    CONSTRAINT webhook_events_type_check CHECK (((length(type) >= 1) AND (length(type) <= 100)))
);

ALTER TABLE ONLY app.attendance
    ADD CONSTRAINT attendance_participant_sid_key UNIQUE (participant_sid);

ALTER TABLE ONLY app.attendance
    ADD CONSTRAINT attendance_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.audit_anchors
    ADD CONSTRAINT audit_anchors_pkey PRIMARY KEY (number);

ALTER TABLE ONLY app.audit_events
    ADD CONSTRAINT audit_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.book_entries
    ADD CONSTRAINT book_entries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.book_entries
    ADD CONSTRAINT book_entries_transaction_id_key UNIQUE (transaction_id);

ALTER TABLE ONLY app.checkouts
    ADD CONSTRAINT checkouts_order_id_number_key UNIQUE (order_id, number);

ALTER TABLE ONLY app.checkouts
    ADD CONSTRAINT checkouts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.checkouts
    ADD CONSTRAINT checkouts_session_id_key UNIQUE (session_id);

ALTER TABLE ONLY app.courses
    ADD CONSTRAINT courses_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.disputes
    ADD CONSTRAINT disputes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.disputes
    ADD CONSTRAINT disputes_provider_dispute_id_key UNIQUE (provider_dispute_id);

ALTER TABLE ONLY app.enrollments
    ADD CONSTRAINT enrollments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.enrollments
    ADD CONSTRAINT enrollments_profile_id_course_id_purchase_number_key UNIQUE (profile_id, course_id, purchase_number);

ALTER TABLE ONLY app.exports
    ADD CONSTRAINT exports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.exports
    ADD CONSTRAINT exports_profile_id_key UNIQUE (profile_id);

ALTER TABLE ONLY app.findings
    ADD CONSTRAINT findings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.gifts
    ADD CONSTRAINT gifts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.idempotency_keys
    ADD CONSTRAINT idempotency_keys_profile_id_key_key UNIQUE NULLS NOT DISTINCT (profile_id, key);

ALTER TABLE ONLY app.job_attempts
    ADD CONSTRAINT job_attempts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.job_kinds
    ADD CONSTRAINT job_kinds_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY app.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.lesson_completions
    ADD CONSTRAINT lesson_completions_pkey PRIMARY KEY (profile_id, lesson_id);

ALTER TABLE ONLY app.lessons
    ADD CONSTRAINT lessons_course_position UNIQUE (course_id, "position") DEFERRABLE;

ALTER TABLE ONLY app.lessons
    ADD CONSTRAINT lessons_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.mail_messages
    ADD CONSTRAINT mail_messages_dedupe_key_key UNIQUE (dedupe_key);

ALTER TABLE ONLY app.mail_messages
    ADD CONSTRAINT mail_messages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.one_time_tokens
    ADD CONSTRAINT one_time_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.order_items
    ADD CONSTRAINT order_items_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.payments
    ADD CONSTRAINT payments_provider_provider_payment_id_key UNIQUE (provider, provider_payment_id);

ALTER TABLE ONLY app.posts
    ADD CONSTRAINT posts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.profiles
    ADD CONSTRAINT profiles_email_key UNIQUE (email);

ALTER TABLE ONLY app.profiles
    ADD CONSTRAINT profiles_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.profiles
    ADD CONSTRAINT profiles_supabase_user_id_key UNIQUE (supabase_user_id);

ALTER TABLE ONLY app.provider_cursors
    ADD CONSTRAINT provider_cursors_pkey PRIMARY KEY (name);

ALTER TABLE ONLY app.rate_limits
    ADD CONSTRAINT rate_limits_pkey PRIMARY KEY (bucket, window_start);

ALTER TABLE ONLY app.recovery_codes
    ADD CONSTRAINT recovery_codes_code_hash_key UNIQUE (code_hash);

ALTER TABLE ONLY app.recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.refresh_tokens
    ADD CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY app.refund_items
    ADD CONSTRAINT refund_items_pkey PRIMARY KEY (refund_id, order_item_id);

ALTER TABLE ONLY app.refunds
    ADD CONSTRAINT refunds_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.refunds
    ADD CONSTRAINT refunds_provider_refund_id_key UNIQUE (provider_refund_id);

ALTER TABLE ONLY app.replays
    ADD CONSTRAINT replays_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (name);

ALTER TABLE ONLY app.seminar_bans
    ADD CONSTRAINT seminar_bans_pkey PRIMARY KEY (seminar_id, profile_id);

ALTER TABLE ONLY app.seminar_guests
    ADD CONSTRAINT seminar_guests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.seminar_guests
    ADD CONSTRAINT seminar_guests_seminar_id_email_key UNIQUE (seminar_id, email);

ALTER TABLE ONLY app.seminar_roles
    ADD CONSTRAINT seminar_roles_pkey PRIMARY KEY (seminar_id, profile_id);

ALTER TABLE ONLY app.seminar_seats
    ADD CONSTRAINT seminar_seats_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.seminars
    ADD CONSTRAINT seminars_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.seminars
    ADD CONSTRAINT seminars_room_name_key UNIQUE (room_name);

ALTER TABLE ONLY app.services
    ADD CONSTRAINT services_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.subscriptions
    ADD CONSTRAINT subscriptions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.subscriptions
    ADD CONSTRAINT subscriptions_provider_subscription_id_key UNIQUE (provider_subscription_id);

ALTER TABLE ONLY app.totp_factors
    ADD CONSTRAINT totp_factors_pkey PRIMARY KEY (profile_id);

ALTER TABLE ONLY app.webhook_attempts
    ADD CONSTRAINT webhook_attempts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.webhook_events
    ADD CONSTRAINT webhook_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.webhook_events
    ADD CONSTRAINT webhook_events_provider_event_id_key UNIQUE (provider, event_id);

CREATE INDEX attendance_profile ON app.attendance USING btree (profile_id);

CREATE INDEX attendance_seminar ON app.attendance USING btree (seminar_id);

CREATE INDEX audit_anchors_unstored ON app.audit_anchors USING btree (number) WHERE (stored_at IS NULL);

CREATE UNIQUE INDEX audit_events_seq ON app.audit_events USING btree (seq) WHERE (seq IS NOT NULL);

CREATE INDEX audit_events_subject ON app.audit_events USING btree (subject_id);

CREATE INDEX audit_events_unsealed ON app.audit_events USING btree (id) WHERE (seq IS NULL);

CREATE INDEX book_entries_booked ON app.book_entries USING btree (booked_at);

CREATE INDEX book_entries_object ON app.book_entries USING btree (object_id);

CREATE INDEX book_entries_payment ON app.book_entries USING btree (provider_payment_id);

CREATE UNIQUE INDEX checkouts_open ON app.checkouts USING btree (order_id) WHERE (closed_at IS NULL);

CREATE INDEX checkouts_open_until ON app.checkouts USING btree (expires_at) WHERE (closed_at IS NULL);

CREATE INDEX courses_published ON app.courses USING btree (published_at DESC, id DESC) WHERE (state = 'published'::text);

CREATE INDEX courses_teacher ON app.courses USING btree (teacher_id);

CREATE INDEX disputes_payment ON app.disputes USING btree (payment_id);

CREATE INDEX disputes_provider_payment ON app.disputes USING btree (provider_payment_id);

CREATE INDEX enrollments_course ON app.enrollments USING btree (course_id);

CREATE UNIQUE INDEX enrollments_gift ON app.enrollments USING btree (gift_id) WHERE (gift_id IS NOT NULL);

CREATE UNIQUE INDEX enrollments_membership ON app.enrollments USING btree (subscription_id, course_id) WHERE (subscription_id IS NOT NULL);

CREATE UNIQUE INDEX enrollments_order_item ON app.enrollments USING btree (order_item_id) WHERE (order_item_id IS NOT NULL);

CREATE INDEX exports_expired ON app.exports USING btree (expires_at) WHERE (expires_at IS NOT NULL);

CREATE INDEX findings_closed_by ON app.findings USING btree (closed_by) WHERE (closed_by IS NOT NULL);

CREATE UNIQUE INDEX findings_open ON app.findings USING btree (kind, subject_id) WHERE (closed_at IS NULL);

CREATE INDEX findings_order ON app.findings USING btree (order_id) WHERE (order_id IS NOT NULL);

CREATE INDEX findings_subject ON app.findings USING btree (subject_id);

CREATE INDEX findings_unreported ON app.findings USING btree (id) WHERE (reported_at IS NULL);

CREATE INDEX gifts_course ON app.gifts USING btree (course_id, created_at DESC, id DESC);

CREATE INDEX gifts_email ON app.gifts USING btree (email);

CREATE INDEX gifts_given_by ON app.gifts USING btree (given_by);

CREATE UNIQUE INDEX gifts_one_each ON app.gifts USING btree (course_id, email) WHERE (withdrawn_at IS NULL);

CREATE INDEX gifts_waiting ON app.gifts USING btree (id) WHERE ((granted_at IS NULL) AND (withdrawn_at IS NULL));

CREATE INDEX gifts_withdrawn_by ON app.gifts USING btree (withdrawn_by) WHERE (withdrawn_by IS NOT NULL);

CREATE INDEX idempotency_keys_created ON app.idempotency_keys USING btree (created_at);

CREATE INDEX job_attempts_job ON app.job_attempts USING btree (job_id);

CREATE INDEX jobs_cause ON app.jobs USING btree (cause_id) WHERE (cause_id IS NOT NULL);

CREATE INDEX jobs_concurrency ON app.jobs USING btree (kind, concurrency_key) WHERE ((concurrency_key IS NOT NULL) AND (state = 'dispatched'::text));

CREATE INDEX jobs_dead ON app.jobs USING btree (kind, finished_at) WHERE (state = 'dead'::text);

CREATE UNIQUE INDEX jobs_dedupe ON app.jobs USING btree (dedupe_key) WHERE ((dedupe_key IS NOT NULL) AND (state = ANY (ARRAY['pending'::text, 'dispatched'::text])));

CREATE INDEX jobs_dispatched ON app.jobs USING btree (kind, lease_until) WHERE (state = 'dispatched'::text);

CREATE INDEX jobs_isolated ON app.jobs USING btree (kind, priority, run_at, id) WHERE ((state = 'pending'::text) AND isolated);

CREATE INDEX jobs_pending ON app.jobs USING btree (kind, priority, run_at, id) WHERE (state = 'pending'::text);

CREATE INDEX jobs_profile ON app.jobs USING btree (profile_id, id) WHERE (profile_id IS NOT NULL);

CREATE UNIQUE INDEX jobs_tick ON app.jobs USING btree (schedule, due_at) WHERE (schedule IS NOT NULL);

CREATE INDEX lesson_completions_lesson ON app.lesson_completions USING btree (lesson_id);

CREATE INDEX mail_messages_profile ON app.mail_messages USING btree (profile_id);

CREATE INDEX mail_messages_unsent ON app.mail_messages USING btree (created_at) WHERE (state <> 'sent'::text);

CREATE INDEX one_time_tokens_expired ON app.one_time_tokens USING btree (expires_at);

CREATE INDEX one_time_tokens_profile ON app.one_time_tokens USING btree (profile_id, purpose);

CREATE INDEX order_items_course ON app.order_items USING btree (course_id) WHERE (course_id IS NOT NULL);

CREATE INDEX order_items_order ON app.order_items USING btree (order_id);

CREATE INDEX order_items_seminar ON app.order_items USING btree (seminar_id) WHERE (seminar_id IS NOT NULL);

CREATE INDEX order_items_service ON app.order_items USING btree (service_id) WHERE (service_id IS NOT NULL);

CREATE INDEX orders_profile ON app.orders USING btree (profile_id, id DESC);

CREATE INDEX orders_unpaid ON app.orders USING btree (expires_at) WHERE (state = 'pending'::text);

CREATE INDEX payments_order ON app.payments USING btree (order_id);

CREATE INDEX payments_processing ON app.payments USING btree (created_at) WHERE (state = 'processing'::text);

CREATE INDEX posts_author ON app.posts USING btree (author_id);

CREATE INDEX posts_course ON app.posts USING btree (course_id);

CREATE INDEX posts_newest ON app.posts USING btree (created_at DESC, id DESC);

CREATE INDEX profiles_unproven ON app.profiles USING btree (created_at) WHERE (email_proven_at IS NULL);

CREATE INDEX recovery_codes_profile ON app.recovery_codes USING btree (profile_id);

CREATE INDEX refresh_tokens_profile ON app.refresh_tokens USING btree (profile_id);

CREATE INDEX refresh_tokens_session ON app.refresh_tokens USING btree (session_id);

CREATE INDEX refund_items_order_item ON app.refund_items USING btree (order_item_id);

CREATE INDEX refunds_finding ON app.refunds USING btree (finding_id) WHERE (finding_id IS NOT NULL);

CREATE INDEX refunds_payment ON app.refunds USING btree (payment_id);

CREATE INDEX refunds_provider_payment ON app.refunds USING btree (provider_payment_id);

CREATE INDEX refunds_requested_by ON app.refunds USING btree (requested_by) WHERE (requested_by IS NOT NULL);

CREATE INDEX replays_created_by ON app.replays USING btree (created_by) WHERE (created_by IS NOT NULL);

CREATE INDEX seminar_bans_by ON app.seminar_bans USING btree (banned_by);

CREATE INDEX seminar_bans_profile ON app.seminar_bans USING btree (profile_id);

CREATE INDEX seminar_guests_email ON app.seminar_guests USING btree (email);

CREATE INDEX seminar_roles_by ON app.seminar_roles USING btree (given_by);

CREATE INDEX seminar_roles_profile ON app.seminar_roles USING btree (profile_id);

CREATE INDEX seminar_seats_lapsing ON app.seminar_seats USING btree (held_until) WHERE (state = ANY (ARRAY['held'::text, 'offered'::text]));

CREATE UNIQUE INDEX seminar_seats_one_each ON app.seminar_seats USING btree (seminar_id, profile_id) WHERE (state <> 'released'::text);

CREATE UNIQUE INDEX seminar_seats_order_item ON app.seminar_seats USING btree (order_item_id) WHERE (order_item_id IS NOT NULL);

CREATE INDEX seminar_seats_profile ON app.seminar_seats USING btree (profile_id);

CREATE INDEX seminar_seats_seminar ON app.seminar_seats USING btree (seminar_id);

CREATE INDEX seminar_seats_waiting ON app.seminar_seats USING btree (seminar_id, id) WHERE (state = 'waitlisted'::text);

CREATE INDEX seminars_course ON app.seminars USING btree (course_id) WHERE (course_id IS NOT NULL);

CREATE INDEX seminars_series ON app.seminars USING btree (series_id) WHERE (series_id IS NOT NULL);

CREATE INDEX seminars_teacher ON app.seminars USING btree (teacher_id);

CREATE INDEX seminars_unclosed ON app.seminars USING btree (starts_at) WHERE ((state = ANY (ARRAY['published'::text, 'provisioned'::text, 'open'::text])) OR ((state = 'cancelled'::text) AND (closed_at IS NULL)));

CREATE INDEX seminars_upcoming ON app.seminars USING btree (starts_at, id) WHERE (state = ANY (ARRAY['published'::text, 'provisioned'::text, 'open'::text]));

CREATE INDEX services_published ON app.services USING btree (published_at DESC, id DESC) WHERE (state = 'published'::text);

CREATE INDEX services_teacher ON app.services USING btree (teacher_id);

CREATE INDEX sessions_ended ON app.sessions USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX sessions_expired ON app.sessions USING btree (expires_at);

CREATE INDEX sessions_profile ON app.sessions USING btree (profile_id, used_at DESC);

CREATE INDEX subscriptions_profile ON app.subscriptions USING btree (profile_id);

CREATE INDEX totp_factors_started ON app.totp_factors USING btree (started_at) WHERE (confirmed_at IS NULL);

CREATE INDEX webhook_attempts_event ON app.webhook_attempts USING btree (webhook_event_id);

CREATE INDEX webhook_events_dead ON app.webhook_events USING btree (received_at) WHERE (state = 'dead'::text);

CREATE INDEX webhook_events_subject ON app.webhook_events USING btree (COALESCE((data ->> 'order_id'::text), (data ->> 'payment_id'::text))) WHERE (COALESCE((data ->> 'order_id'::text), (data ->> 'payment_id'::text)) IS NOT NULL);

CREATE INDEX webhook_events_unprocessed ON app.webhook_events USING btree (received_at) WHERE (state = 'received'::text);

CREATE TRIGGER jobs_notify AFTER INSERT ON app.jobs REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION app.notify_jobs();

CREATE TRIGGER seminar_seats_count AFTER INSERT OR DELETE OR UPDATE OF state ON app.seminar_seats FOR EACH ROW EXECUTE FUNCTION app.count_seats();

ALTER TABLE ONLY app.attendance
    ADD CONSTRAINT attendance_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.attendance
    ADD CONSTRAINT attendance_seminar_id_fkey FOREIGN KEY (seminar_id) REFERENCES app.seminars(id);

ALTER TABLE ONLY app.checkouts
    ADD CONSTRAINT checkouts_order_id_fkey FOREIGN KEY (order_id) REFERENCES app.orders(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.courses
    ADD CONSTRAINT courses_teacher_id_fkey FOREIGN KEY (teacher_id) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.disputes
    ADD CONSTRAINT disputes_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES app.payments(id);

ALTER TABLE ONLY app.enrollments
    ADD CONSTRAINT enrollments_course_id_fkey FOREIGN KEY (course_id) REFERENCES app.courses(id);

ALTER TABLE ONLY app.enrollments
    ADD CONSTRAINT enrollments_gift_id_fkey FOREIGN KEY (gift_id) REFERENCES app.gifts(id);

ALTER TABLE ONLY app.enrollments
    ADD CONSTRAINT enrollments_order_item_id_fkey FOREIGN KEY (order_item_id) REFERENCES app.order_items(id);

ALTER TABLE ONLY app.enrollments
    ADD CONSTRAINT enrollments_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.enrollments
    ADD CONSTRAINT enrollments_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES app.subscriptions(id);

ALTER TABLE ONLY app.exports
    ADD CONSTRAINT exports_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.findings
    ADD CONSTRAINT findings_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES app.profiles(id) ON DELETE SET NULL;

ALTER TABLE ONLY app.findings
    ADD CONSTRAINT findings_order_id_fkey FOREIGN KEY (order_id) REFERENCES app.orders(id) ON DELETE SET NULL;

ALTER TABLE ONLY app.gifts
    ADD CONSTRAINT gifts_course_id_fkey FOREIGN KEY (course_id) REFERENCES app.courses(id);

ALTER TABLE ONLY app.gifts
    ADD CONSTRAINT gifts_given_by_fkey FOREIGN KEY (given_by) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.gifts
    ADD CONSTRAINT gifts_withdrawn_by_fkey FOREIGN KEY (withdrawn_by) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.idempotency_keys
    ADD CONSTRAINT idempotency_keys_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.job_attempts
    ADD CONSTRAINT job_attempts_job_id_fkey FOREIGN KEY (job_id) REFERENCES app.jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.jobs
    ADD CONSTRAINT jobs_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id) ON DELETE SET NULL;

ALTER TABLE ONLY app.lesson_completions
    ADD CONSTRAINT lesson_completions_lesson_id_fkey FOREIGN KEY (lesson_id) REFERENCES app.lessons(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.lesson_completions
    ADD CONSTRAINT lesson_completions_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.lessons
    ADD CONSTRAINT lessons_course_id_fkey FOREIGN KEY (course_id) REFERENCES app.courses(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.mail_messages
    ADD CONSTRAINT mail_messages_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.one_time_tokens
    ADD CONSTRAINT one_time_tokens_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.order_items
    ADD CONSTRAINT order_items_course_id_fkey FOREIGN KEY (course_id) REFERENCES app.courses(id);

ALTER TABLE ONLY app.order_items
    ADD CONSTRAINT order_items_order_id_fkey FOREIGN KEY (order_id) REFERENCES app.orders(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.order_items
    ADD CONSTRAINT order_items_seminar_id_fkey FOREIGN KEY (seminar_id) REFERENCES app.seminars(id);

ALTER TABLE ONLY app.order_items
    ADD CONSTRAINT order_items_service_id_fkey FOREIGN KEY (service_id) REFERENCES app.services(id);

ALTER TABLE ONLY app.orders
    ADD CONSTRAINT orders_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.payments
    ADD CONSTRAINT payments_order_id_fkey FOREIGN KEY (order_id) REFERENCES app.orders(id);

ALTER TABLE ONLY app.posts
    ADD CONSTRAINT posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.posts
    ADD CONSTRAINT posts_course_id_fkey FOREIGN KEY (course_id) REFERENCES app.courses(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.recovery_codes
    ADD CONSTRAINT recovery_codes_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.totp_factors(profile_id) ON DELETE CASCADE;

ALTER TABLE ONLY app.refresh_tokens
    ADD CONSTRAINT refresh_tokens_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.refresh_tokens
    ADD CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES app.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.refund_items
    ADD CONSTRAINT refund_items_order_item_id_fkey FOREIGN KEY (order_item_id) REFERENCES app.order_items(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.refund_items
    ADD CONSTRAINT refund_items_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES app.refunds(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.refunds
    ADD CONSTRAINT refunds_finding_id_fkey FOREIGN KEY (finding_id) REFERENCES app.findings(id) ON DELETE SET NULL;

ALTER TABLE ONLY app.refunds
    ADD CONSTRAINT refunds_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES app.payments(id);

ALTER TABLE ONLY app.refunds
    ADD CONSTRAINT refunds_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES app.profiles(id) ON DELETE SET NULL;

ALTER TABLE ONLY app.replays
    ADD CONSTRAINT replays_created_by_fkey FOREIGN KEY (created_by) REFERENCES app.profiles(id) ON DELETE SET NULL;

ALTER TABLE ONLY app.seminar_bans
    ADD CONSTRAINT seminar_bans_banned_by_fkey FOREIGN KEY (banned_by) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.seminar_bans
    ADD CONSTRAINT seminar_bans_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.seminar_bans
    ADD CONSTRAINT seminar_bans_seminar_id_fkey FOREIGN KEY (seminar_id) REFERENCES app.seminars(id);

ALTER TABLE ONLY app.seminar_guests
    ADD CONSTRAINT seminar_guests_seminar_id_fkey FOREIGN KEY (seminar_id) REFERENCES app.seminars(id);

ALTER TABLE ONLY app.seminar_roles
    ADD CONSTRAINT seminar_roles_given_by_fkey FOREIGN KEY (given_by) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.seminar_roles
    ADD CONSTRAINT seminar_roles_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.seminar_roles
    ADD CONSTRAINT seminar_roles_seminar_id_fkey FOREIGN KEY (seminar_id) REFERENCES app.seminars(id);

ALTER TABLE ONLY app.seminar_seats
    ADD CONSTRAINT seminar_seats_order_item_id_fkey FOREIGN KEY (order_item_id) REFERENCES app.order_items(id);

ALTER TABLE ONLY app.seminar_seats
    ADD CONSTRAINT seminar_seats_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.seminar_seats
    ADD CONSTRAINT seminar_seats_seminar_id_fkey FOREIGN KEY (seminar_id) REFERENCES app.seminars(id);

ALTER TABLE ONLY app.seminars
    ADD CONSTRAINT seminars_course_id_fkey FOREIGN KEY (course_id) REFERENCES app.courses(id);

ALTER TABLE ONLY app.seminars
    ADD CONSTRAINT seminars_teacher_id_fkey FOREIGN KEY (teacher_id) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.services
    ADD CONSTRAINT services_teacher_id_fkey FOREIGN KEY (teacher_id) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.sessions
    ADD CONSTRAINT sessions_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.subscriptions
    ADD CONSTRAINT subscriptions_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id);

ALTER TABLE ONLY app.totp_factors
    ADD CONSTRAINT totp_factors_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES app.profiles(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.webhook_attempts
    ADD CONSTRAINT webhook_attempts_webhook_event_id_fkey FOREIGN KEY (webhook_event_id) REFERENCES app.webhook_events(id) ON DELETE CASCADE;

ALTER TABLE app.attendance ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.audit_anchors ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.audit_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.book_entries ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.checkouts ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.courses ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.disputes ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.enrollments ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.exports ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.findings ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.gifts ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.idempotency_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.job_attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.job_kinds ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.lesson_completions ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.lessons ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.mail_messages ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.one_time_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.order_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.payments ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.posts ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.profiles ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.provider_cursors ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.rate_limits ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.recovery_codes ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.refresh_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.refund_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.refunds ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.replays ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.schedules ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.seminar_bans ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.seminar_guests ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.seminar_roles ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.seminar_seats ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.seminars ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.services ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.subscriptions ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.totp_factors ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE app.webhook_events ENABLE ROW LEVEL SECURITY;
